import type { ParameterSpec } from "../pipeline/stage.ts"
import { normal as standardNormal } from "../random/normal.ts"
import { truncatedNormal } from "../random/truncated-normal.ts"
import { unitVectors } from "../random/unit-vectors.ts"

/** Initialisation of a parameter from a random key and a shape. */
export type Init = ParameterSpec["init"]

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1)

/** Constant initialisation. */
export const filled =
  (value: number): Init =>
  (_, shape) =>
    new Float32Array(sizeOf(shape)).fill(value)

/** Normal distribution of mean 0 (BERT's, with std .02). */
export const normal =
  (std: number): Init =>
  (key, shape) =>
    standardNormal(key, sizeOf(shape)).map((x) => x * std)

/** Normal distribution of mean 0, truncated at two standard deviations (ViT's, with std .02). */
export const truncated =
  (std: number): Init =>
  (key, shape) =>
    truncatedNormal(key, sizeOf(shape), std)

/**
 * Standard deviation of a model's initial matrices: .02 at BERT's and ViT's base width, and larger in proportion to 1/√width in
 * narrower models (our choice), so that the scale of a layer's output is the same at every width.
 */
export const initStd = (width: number): number => 0.02 * Math.sqrt(768 / width)

/** Rows uniform on the unit sphere. */
export const unitRows: Init = (key, shape) => unitVectors(key, shape[0]!, sizeOf(shape.slice(1)))

/** A matrix with weight decay. */
export const matrix = (rows: number, columns: number, init: Init): ParameterSpec => ({
  shape: [rows, columns],
  init,
  decay: true
})

/** A parameter without weight decay: biases, norms, tokens, positions. */
export const noDecay = (shape: readonly number[], init: Init): ParameterSpec => ({ shape, init, decay: false })
