import type { Effect } from "effect"
import type { NamedNumbers, Numbers } from "../engine/engine.ts"

/** All images, or all texts, of an evaluation, and how some of them are encoded. */
export interface Side<E = never> {
  /** The group of each item; an image and a text of one group belong together. */
  readonly groups: Int32Array
  /**
   * Encodes the items with these indices: arrays of as many rows as items, in their order; `embedding` has unit rows, the rest
   * is what scoring pairs reads.
   */
  readonly encode: (items: readonly number[]) => Effect.Effect<Encoded, E>
}

/** Encoded items: rows of each field, and the unit rows that are compared by cosine. */
export interface Encoded {
  readonly embedding: Float32Array
  readonly states: NamedNumbers
}

/** An empty array of the same type. */
export const emptyLike = (numbers: Numbers, length: number): Numbers =>
  numbers instanceof Float32Array
    ? new Float32Array(length)
    : numbers instanceof Int32Array
      ? new Int32Array(length)
      : new Uint8Array(length)

/** The whole numbers in [start, end). */
export const range = (start: number, end: number): readonly number[] => Array.from({ length: end - start }, (_, i) => start + i)
