import type { Dtype } from "../tensor/field.ts"

/** Shape and dtype of a value. */
export interface ValueType {
  readonly shape: readonly number[]
  readonly dtype: Dtype
}

/** Elements of a constant: all equal (`splat`), or one by one. */
export type Literal = { readonly splat: number } | { readonly values: Float32Array | Int32Array | Uint8Array }

/** Attributes of a node, spelled as in tfjs, with axes counted from 0 and shapes complete. */
export interface Attributes {
  readonly [name: string]: number | boolean | string | readonly number[] | readonly (readonly number[])[] | Literal | undefined
}

/** One operation; values are identified by number, and each is made once. */
export interface Node {
  readonly op: string
  /** Value numbers, in the order of the operation's row in the table of ops. */
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly attributes: Attributes
  /** The stage whose code made it, for errors and profiles. */
  readonly stage: string
  /** True where the node carries a gradient: it was made in the backward pass, from the gradient of what was differentiated. */
  readonly backward?: boolean
}

/**
 * Source of an input's elements: fed at each run (as `bytes`, 0 to 255, where the program's dtype is float32), or a window of a
 * state buffer that the executable keeps.
 */
export type Source = { readonly feed: true; readonly bytes?: true } | { readonly buffer: string; readonly offset: number }

export interface Input {
  readonly name: string
  readonly value: number
  readonly source: Source
}

/** A change that a run makes to the state: a window of a buffer is replaced, or rows are enqueued in a ring at its pointer. */
export type Update =
  | { readonly kind: "replace"; readonly buffer: string; readonly offset: number; readonly value: number }
  | { readonly kind: "enqueue"; readonly buffer: string; readonly value: number }

/** A state buffer: a flat array; a ring has rows of one size and a pointer that the engine keeps. */
export interface BufferSpec {
  readonly dtype: "float32" | "int32"
  readonly length: number
  readonly ring?: { readonly rows: number; readonly width: number }
}

export interface Output {
  readonly name: string
  readonly value: number
}

/** A typed dataflow program: nodes in an order in which every value is made before it is used. */
export interface Program {
  readonly values: readonly ValueType[]
  readonly inputs: readonly Input[]
  readonly nodes: readonly Node[]
  readonly outputs: readonly Output[]
  readonly updates: readonly Update[]
}

/** Number of elements of a shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Maps each value to the node that makes it. */
export const producers = (program: Program): ReadonlyMap<number, Node> => {
  const made = new Map<number, Node>()
  for (const node of program.nodes) for (const output of node.outputs) made.set(output, node)
  return made
}

/** Returns every value that leaves the program: outputs and updates. */
export const roots = (program: Program): readonly number[] => [
  ...program.outputs.map((output) => output.value),
  ...program.updates.map((update) => update.value)
]

/** Name of the buffer that keeps a ring's pointer: the next row to be written. */
export const pointerOf = (ring: string): string => `${ring}.pointer`
