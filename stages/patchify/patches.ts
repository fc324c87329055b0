import { acquireBuffer } from "../../lib/data/host/buffer-pool.ts"

/** Throws a `RangeError` if `patch` does not divide `size`. */
const checkPatch = (size: number, patch: number): void => {
  if (!Number.isInteger(size / patch) || patch < 1) throw new RangeError(`patches: ${patch} does not divide ${size}`)
}

/** Offset in the patches of the part of image row `y` that lies in a column of patches: `patch` · 3 elements from there on. */
export const runOf = (size: number, patch: number, y: number, column: number): number => {
  const inside = y % patch
  return ((((y - inside) / patch) * (size / patch) + column) * patch + inside) * patch * 3
}

/**
 * Visits the contiguous runs when a [size, size, 3] image is cut into patches: `length` elements, from offset `from` in the image
 * to offset `to` in the patches.
 */
const eachRun = (size: number, patch: number, visit: (from: number, to: number, length: number) => void): void => {
  checkPatch(size, patch)
  const across = size / patch
  const length = patch * 3
  for (let y = 0; y < size; y++) {
    for (let column = 0; column < across; column++) visit((y * across + column) * length, runOf(size, patch, y, column), length)
  }
}

/**
 * Cuts an image, [size, size, 3], into patches, [(size / patch)², patch · patch · 3]: patches row by row, a patch's elements in
 * (row, column, channel) order.
 */
export const cutPatches = (image: Float32Array, size: number, patch: number): Float32Array<ArrayBuffer> => {
  const patches = new Float32Array(size * size * 3)
  eachRun(size, patch, (from, to, length) => patches.set(image.subarray(from, from + length), to))
  return patches
}

/** Returns the image that patches were cut from. */
export const uncutPatches = (patches: Float32Array, size: number, patch: number): Float32Array<ArrayBuffer> => {
  const image = new Float32Array(size * size * 3)
  eachRun(size, patch, (from, to, length) => image.set(patches.subarray(to, to + length), from))
  return image
}

/** Mean and deviation of each channel, for values from 0 to 1: (value − mean) / deviation. */
export interface Normalisation {
  readonly mean: readonly [number, number, number]
  readonly deviation: readonly [number, number, number]
}

/** Normalisation to the range −1 to 1. */
export const halves: Normalisation = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] }

/** Normalised value of each of the 256 values of each channel: float32 [3, 256]. */
export const normalisationTable = ({ mean, deviation }: Normalisation): Float32Array =>
  Float32Array.from({ length: 768 }, (_, i) => ((i & 255) / 255 - mean[i >> 8]!) / deviation[i >> 8]!)

/** Views bytes as 32-bit words, where their alignment allows it. */
const wordsOf = (bytes: Uint8Array): Uint32Array | undefined =>
  bytes.byteOffset % 4 === 0 && bytes.length % 4 === 0
    ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    : undefined

/** Patches of an 8-bit image, unnormalised: uint8 [(size / patch)², patch · patch · 3], in memory of `acquireBuffer`. */
export const bytePatches = (image: Uint8Array, size: number, patch: number): Uint8Array<ArrayBuffer> => {
  checkPatch(size, patch)
  const patches = acquireBuffer("uint8", size * size * 3)
  // Four bytes at a time: a quarter of the steps, and no call per run.
  const [from, to] = [wordsOf(image), wordsOf(patches)]
  const words = patch % 4 === 0 && from !== undefined && to !== undefined
  const [source, target] = words ? [from, to] : [image, patches]
  const unit = words ? 4 : 1
  eachRun(size, patch, (start, end, length) => {
    const [s, t, n] = [start / unit, end / unit, length / unit]
    for (let i = 0; i < n; i++) target[t + i] = source[s + i]!
  })
  return patches
}

/** Normalised patches of an 8-bit image: float32 [(size / patch)², patch · patch · 3]. */
export const normalisedPatches = (
  image: Uint8Array,
  size: number,
  patch: number,
  normalisation: Normalisation
): Float32Array<ArrayBuffer> => {
  const table = normalisationTable(normalisation)
  const patches = new Float32Array(size * size * 3)
  eachRun(size, patch, (from, to, length) => {
    for (let i = 0; i < length; i += 3) {
      patches[to + i] = table[image[from + i]!]!
      patches[to + i + 1] = table[256 + image[from + i + 1]!]!
      patches[to + i + 2] = table[512 + image[from + i + 2]!]!
    }
  })
  return patches
}

/** Returns the 8-bit image, [size, size, 3], of normalised patches, for reports. */
export const imagePatches = (
  patches: Float32Array,
  size: number,
  patch: number,
  { mean, deviation }: Normalisation
): Uint8Array => {
  const values = uncutPatches(patches, size, patch)
  return Uint8Array.from(values, (value, i) =>
    Math.min(255, Math.max(0, Math.floor((value * deviation[i % 3]! + mean[i % 3]!) * 255 + 0.5)))
  )
}
