import type { Effect } from "effect"
import type { NamedNumbers, Numbers } from "../engine/engine.ts"

/** All images, or all texts, of an evaluation, and the function that encodes some of them. */
export interface Side<E = never> {
  /** Group of each item; an image and a text of one group belong together. */
  readonly groups: Int32Array
  /**
   * Encodes the items with these indices: arrays with one row per item, in the given order; `embedding` has unit rows, the other
   * fields are read by the scoring of pairs.
   */
  readonly encode: (items: readonly number[]) => Effect.Effect<Encoded, E>
}

/** Encoded items: rows of each field, and the unit rows that are compared by cosine similarity. */
export interface Encoded {
  readonly embedding: Float32Array
  readonly states: NamedNumbers
}

/** Returns an array of zeros of the same type. */
export const emptyLike = (numbers: Numbers, length: number): Numbers =>
  numbers instanceof Float32Array
    ? new Float32Array(length)
    : numbers instanceof Int32Array
      ? new Int32Array(length)
      : new Uint8Array(length)

/** Returns the integers in [start, end). */
export const range = (start: number, end: number): readonly number[] => Array.from({ length: end - start }, (_, i) => start + i)
