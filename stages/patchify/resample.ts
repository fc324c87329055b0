import { lend } from "../../lib/pipeline/lent.ts"
import type { Box } from "./crop.ts"
import { runOf } from "./patches.ts"
import type { RawPicture } from "./raw-picture.ts"
import { type Interpolation, type Weights, weightsOf } from "./resample-weights.ts"

export type { Interpolation } from "./resample-weights.ts"

/** How a box is scaled. */
export interface ResampleOptions {
  readonly flipped?: boolean
  readonly interpolation?: Interpolation
}

/** What the bicubic filter has where nothing shrinks: almost always, for a crop of a picture kept a little larger than its views. */
const usualTaps = 4

/**
 * Memory of the rows between the two passes, kept for the next picture: a fresh megabyte for each costs as much as a pass. Nothing
 * of it outlives a call.
 */
let rowsBetween = new Float32Array(0)

/** Four taps: the sums of `alongRow`, written out. */
const alongRow4 = (data: Uint8Array, line: number, out: Float32Array, to: number, size: number, { first, weights }: Weights) => {
  let o = to
  for (let x = 0; x < size; x++) {
    const at = line + first[x]! * 3
    const w = x * usualTaps
    const w0 = weights[w]!
    const w1 = weights[w + 1]!
    const w2 = weights[w + 2]!
    const w3 = weights[w + 3]!
    out[o] = w0 * data[at]! + w1 * data[at + 3]! + w2 * data[at + 6]! + w3 * data[at + 9]!
    out[o + 1] = w0 * data[at + 1]! + w1 * data[at + 4]! + w2 * data[at + 7]! + w3 * data[at + 10]!
    out[o + 2] = w0 * data[at + 2]! + w1 * data[at + 5]! + w2 * data[at + 8]! + w3 * data[at + 11]!
    o += 3
  }
}

/** One row, from `line` on in the picture, sampled at `size` places: float32 [size, 3] from `to` on. */
const alongRow = (
  data: Uint8Array,
  line: number,
  out: Float32Array,
  to: number,
  size: number,
  { taps, first, weights }: Weights
) => {
  let o = to
  for (let x = 0; x < size; x++) {
    let at = line + first[x]! * 3
    let red = 0
    let green = 0
    let blue = 0
    const end = (x + 1) * taps
    for (let w = x * taps; w < end; w++) {
      const weight = weights[w]!
      red += weight * data[at]!
      green += weight * data[at + 1]!
      blue += weight * data[at + 2]!
      at += 3
    }
    out[o] = red
    out[o + 1] = green
    out[o + 2] = blue
    o += 3
  }
}

/** Row `y` of the result, sampled down the columns of [rows, length]: uint8 [length], rounded. */
const downColumns = (
  rows: Float32Array,
  length: number,
  y: number,
  { taps, first, weights }: Weights,
  out: Uint8Array,
  sums: Float64Array
) => {
  const from = first[y]! * length
  if (taps === usualTaps) {
    const w = y * usualTaps
    const w0 = weights[w]!
    const w1 = weights[w + 1]!
    const w2 = weights[w + 2]!
    const w3 = weights[w + 3]!
    const [r1, r2, r3] = [from + length, from + 2 * length, from + 3 * length]
    for (let i = 0; i < length; i++) {
      let sum = 0.5 + w0 * rows[from + i]! + w1 * rows[r1 + i]! + w2 * rows[r2 + i]! + w3 * rows[r3 + i]!
      if (sum < 0) sum = 0
      else if (sum > 255) sum = 255
      out[i] = sum
    }
    return
  }
  sums.fill(0.5)
  for (let tap = 0; tap < taps; tap++) {
    const weight = weights[y * taps + tap]!
    if (weight === 0) continue
    const row = from + tap * length
    for (let i = 0; i < length; i++) sums[i]! += weight * rows[row + i]!
  }
  for (let i = 0; i < length; i++) out[i] = Math.max(0, Math.min(255, sums[i]!))
}

/** Scales a box to `size` × `size` and hands over row by row, uint8 [size, 3]: the array is used again for the next. */
const eachRow = (
  { data, width }: RawPicture,
  box: Box,
  size: number,
  { flipped = false, interpolation = "bicubic" }: ResampleOptions,
  visit: (row: Uint8Array, y: number) => void
): void => {
  const length = size * 3
  if (rowsBetween.length < box.height * length) rowsBetween = new Float32Array(box.height * length)
  const rows = rowsBetween
  const across = weightsOf(interpolation, box.x, box.width, size, flipped)
  const sampleRow = across.taps === usualTaps ? alongRow4 : alongRow
  for (let row = 0; row < box.height; row++) sampleRow(data, (box.y + row) * width * 3, rows, row * length, size, across)
  const down = weightsOf(interpolation, 0, box.height, size, false)
  const made = new Uint8Array(length)
  const sums = new Float64Array(down.taps === usualTaps ? 0 : length)
  for (let y = 0; y < size; y++) {
    downColumns(rows, length, y, down, made, sums)
    visit(made, y)
  }
}

/**
 * A box of a picture, scaled to `size` × `size` and mirrored if `flipped`: uint8 [size, size, 3].
 *
 * Separable and antialiased as Pillow's `resize` of the cropped picture is (no pixel outside the box counts), but not rounded
 * between the two passes. The same bytes on every machine.
 */
export const resample = (picture: RawPicture, box: Box, size: number, options: ResampleOptions = {}): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(size * size * 3)
  eachRow(picture, box, size, options, (row, y) => out.set(row, y * size * 3))
  return out
}

/**
 * The patches of a box of a picture, scaled and mirrored as by `resample`, in one pass: each value looked up in `table`
 * (`normalisationTable`) as float32, or as it is without a table: [(size / patch)², patch · patch · 3]. Its memory is `lend`'s.
 */
export const resampledPatches = (
  picture: RawPicture,
  box: Box,
  size: number,
  patch: number,
  table: Float32Array | null,
  options: ResampleOptions = {}
): Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> => {
  const length = patch * 3
  const across = size / patch
  if (table === null) {
    const bytes = lend("uint8", size * size * 3)
    eachRow(picture, box, size, options, (row, y) => {
      for (let column = 0; column < across; column++) {
        const to = runOf(size, patch, y, column)
        const from = column * length
        for (let i = 0; i < length; i++) bytes[to + i] = row[from + i]!
      }
    })
    return bytes
  }
  const floats = lend("float32", size * size * 3)
  eachRow(picture, box, size, options, (row, y) => {
    for (let column = 0; column < across; column++) {
      const to = runOf(size, patch, y, column)
      const from = column * length
      for (let i = 0; i < length; i += 3) {
        floats[to + i] = table[row[from + i]!]!
        floats[to + i + 1] = table[256 + row[from + i + 1]!]!
        floats[to + i + 2] = table[512 + row[from + i + 2]!]!
      }
    }
  })
  return floats
}
