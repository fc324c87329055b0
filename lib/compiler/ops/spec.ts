import type { Attributes, ValueType } from "../program.ts"

/**
 * One row of the table of ops: the names of its inputs (tfjs's), the normalisation of its attributes, and the types of its
 * outputs. An op with `list` takes any number of inputs.
 */
export interface OpSpec {
  readonly inputs: readonly string[] | "list"
  /** Makes attributes explicit: axes counted from 0, defaults filled in. */
  readonly normalise?: (inputs: readonly ValueType[], attributes: Attributes) => Attributes
  readonly infer: (inputs: readonly ValueType[], attributes: Attributes) => readonly ValueType[]
}

export type OpTable = { readonly [op: string]: OpSpec }

/** Returns an axis counted from 0. */
export const fromZero = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)

/** Returns tfjs's axis attribute (a number, a list, or undefined for all axes) as a sorted list. */
export const axesOf = (axis: unknown, rank: number): readonly number[] =>
  axis === undefined || axis === null
    ? Array.from({ length: rank }, (_, i) => i)
    : [...(Array.isArray(axis) ? (axis as number[]) : [axis as number])].map((a) => fromZero(a, rank)).sort((a, b) => a - b)

/** Broadcasts two shapes as NumPy does; throws where they do not fit. */
export const broadcast = (a: readonly number[], b: readonly number[]): readonly number[] => {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1
    const y = b[i - rank + b.length] ?? 1
    if (x !== y && x !== 1 && y !== 1) throw new Error(`[${a}] and [${b}] do not broadcast`)
    return x === 1 ? y : x
  })
}
