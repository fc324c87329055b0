import { acquireBuffer } from "../host/buffer-pool.ts"
import type { Size } from "../stored-size.ts"
import type { Box } from "./box.ts"
import { type KernelMemory, placesFor, resampleKernel } from "./resample-kernel.ts"
import { type Interpolation, type Weights, weightsOf } from "./resample-weights.ts"

export type { Interpolation } from "./resample-weights.ts"

/** A decoded image: sRGB, 8 bits, upright, opaque. `data` is [height, width, 3]. */
export interface RawImage {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Options of scaling a box. */
export interface ResampleOptions {
  readonly flipped?: boolean
  readonly interpolation?: Interpolation
}

const putWeights = (memory: KernelMemory, { first, weights }: Weights, firstAt: number, weightsAt: number): void => {
  new Int32Array(memory.buffer, firstAt, first.length).set(first)
  new Float32Array(memory.buffer, weightsAt, weights.length).set(weights)
}

/**
 * Scales a box, and cuts it into patches of `patch` × `patch` pixels where that is not 0; returns the bytes in the kernel's
 * memory, valid until its next call: float32 where there is a table.
 */
const passes = (
  { data, width }: RawImage,
  box: Box,
  size: Size,
  patch: number,
  table: Float32Array | null,
  { flipped = false, interpolation = "bicubic" }: ResampleOptions
): Uint8Array => {
  const { memory, resample: run } = resampleKernel()
  const across = weightsOf(interpolation, box.width, size.width, flipped)
  const down = weightsOf(interpolation, box.height, size.height, false)
  const stride = width * 3
  const start = box.y * stride + box.x * 3
  const source = data.subarray(start, start + (box.height - 1) * stride + box.width * 3)
  const rowStride = (Math.ceil((size.width * 3) / 16) * 16 + 16) * 4
  const length = size.width * size.height * 3 * (table === null ? 1 : 4)
  const [from, acrossFirst, acrossWeights, downFirst, downWeights, line, rows, made, looked, out] = placesFor(memory, [
    source.length,
    size.width * 4,
    across.weights.length * 4,
    size.height * 4,
    down.weights.length * 4,
    box.width * 16,
    box.height * rowStride,
    size.width * 3,
    768 * 4,
    length
  ])
  new Uint8Array(memory.buffer, from).set(source)
  putWeights(memory, across, acrossFirst, acrossWeights)
  putWeights(memory, down, downFirst, downWeights)
  if (table !== null) new Float32Array(memory.buffer, looked, 768).set(table)
  const scaling = [from, stride, box.width, box.height, size.width, size.height, patch]
  const weighing = [across.taps, acrossFirst, acrossWeights, down.taps, downFirst, downWeights]
  run(...scaling, ...weighing, line, rows, rowStride, made, table === null ? 0 : looked, out)
  return new Uint8Array(memory.buffer, out, length)
}

/**
 * Scales a box of an image, mirrored if `flipped`: uint8 [height, width, 3].
 * Separable and antialiased like Pillow's `resize` of the cropped image (no pixel outside the box counts), but not rounded
 * between the two passes. Sums are float32 in a fixed order, by WebAssembly's vectors: the same bytes on every machine. The
 * result is in memory of `acquireBuffer`.
 */
export const resample = (image: RawImage, box: Box, size: Size, options: ResampleOptions = {}): Uint8Array<ArrayBuffer> => {
  const lent = acquireBuffer("uint8", size.width * size.height * 3)
  lent.set(passes(image, box, size, 0, null, options))
  return lent
}

/**
 * Returns the patches of a box of an image, scaled to `size` × `size` and mirrored as by `resample`, in one pass: each value
 * mapped by `table` (`normalisationTable`) to float32, or unchanged without a table: [(size / patch)², patch · patch · 3]. The
 * result is in memory of `acquireBuffer`.
 */
export const resampledPatches = (
  image: RawImage,
  box: Box,
  size: number,
  patch: number,
  table: Float32Array | null,
  options: ResampleOptions = {}
): Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> => {
  const made = passes(image, box, { width: size, height: size }, patch, table, options)
  const lent = acquireBuffer(table === null ? "uint8" : "float32", size * size * 3)
  new Uint8Array(lent.buffer, lent.byteOffset, lent.byteLength).set(made)
  return lent
}
