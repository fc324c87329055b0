import { acquireBuffer } from "../../lib/data/host/buffer-pool.ts"

/** Throws a `RangeError` if `patch` does not divide `size`. */
const checkPatch = (size: number, patch: number): void => {
  if (!Number.isInteger(size / patch) || patch < 1) throw new RangeError(`patches: ${patch} does not divide ${size}`)
}

/** Where in the patches row `y` of an image goes, as far as it lies in the patches of a column: `patch` · 3 numbers from there on. */
export const runOf = (size: number, patch: number, y: number, column: number): number => {
  const inside = y % patch
  return ((((y - inside) / patch) * (size / patch) + column) * patch + inside) * patch * 3
}

/**
 * Visits the runs of numbers that stay together when a [size, size, 3] image is cut into patches: `length` of them, from `from`
 * in the image to `to` in the patches.
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
 * An image, [size, size, 3], as patches, [(size / patch)², patch · patch · 3]: patches row by row, a patch's numbers in
 * (row, column, channel) order.
 */
export const cutPatches = (image: Float32Array, size: number, patch: number): Float32Array<ArrayBuffer> => {
  const patches = new Float32Array(size * size * 3)
  eachRun(size, patch, (from, to, length) => patches.set(image.subarray(from, from + length), to))
  return patches
}

/** The image that patches were cut from. */
export const uncutPatches = (patches: Float32Array, size: number, patch: number): Float32Array<ArrayBuffer> => {
  const image = new Float32Array(size * size * 3)
  eachRun(size, patch, (from, to, length) => image.set(patches.subarray(to, to + length), from))
  return image
}

/** What is taken from a channel's values, and what they are then divided by; for values from 0 to 1. */
export interface Normalisation {
  readonly mean: readonly [number, number, number]
  readonly deviation: readonly [number, number, number]
}

/** To the range −1 to 1. */
export const halves: Normalisation = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] }

/** What each of the 256 values of each channel becomes: float32 [3, 256]. */
export const normalisationTable = ({ mean, deviation }: Normalisation): Float32Array =>
  Float32Array.from({ length: 768 }, (_, i) => ((i & 255) / 255 - mean[i >> 8]!) / deviation[i >> 8]!)

/** Bytes as words of four, where they lie so in memory. */
const wordsOf = (bytes: Uint8Array): Uint32Array | undefined =>
  bytes.byteOffset % 4 === 0 && bytes.length % 4 === 0
    ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
    : undefined

/** The patches of an 8-bit image, as they are: uint8 [(size / patch)², patch · patch · 3], in memory of `acquireBuffer`. */
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

/** The patches of an 8-bit image, normalised: float32 [(size / patch)², patch · patch · 3]. */
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

/** The 8-bit image, [size, size, 3], that normalised patches show: for reports. */
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
