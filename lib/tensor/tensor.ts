import type * as tf from "@tensorflow/tfjs"
import type { Dtype, TensorField } from "./field.ts"

declare const dims: unique symbol
declare const dtype: unique symbol

/** A tfjs tensor whose type carries the names of its dimensions and its dtype; the names exist in types only. */
export interface Tensor<S extends readonly string[] = readonly string[], D extends Dtype = "float32"> extends tf.Tensor {
  readonly [dims]: S
  readonly [dtype]: D
}

/** Tensor type of a field. */
export type TensorOf<F> = F extends TensorField<infer D, infer S> ? Tensor<S, D> : never

/** A shape that does not match its dimension names. */
export class ShapeMismatch extends Error {
  readonly _tag = "ShapeMismatch"
  readonly what: string
  readonly expected: string
  readonly got: string
  constructor(what: string, expected: string, got: string) {
    super(`${what} should be ${expected}, but is ${got}`)
    this.what = what
    this.expected = expected
    this.got = got
  }
}

/** Names a tensor's dimensions; the rank is checked here, sizes at the end of a stage. Throws `ShapeMismatch`. */
export const named = <const S extends readonly string[], D extends Dtype = "float32">(
  x: tf.Tensor,
  ...names: S
): Tensor<S, D> => {
  if (x.rank !== names.length) throw new ShapeMismatch("a tensor", `[${names.join(", ")}]`, `[${x.shape.join(", ")}]`)
  return x as Tensor<S, D>
}
