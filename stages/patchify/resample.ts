import type { Box } from "./crop.ts"
import type { RawPicture } from "./raw-picture.ts"

/** How values between pixels are found. */
export type Interpolation = "bicubic" | "bilinear"

interface Filter {
  /** Half the width outside of which the weight is 0, in source pixels when not shrinking. */
  readonly support: number
  weight(distance: number): number
}

/** Keys' cubic convolution with a = −½ ("Cubic convolution interpolation", 1981), as Pillow has it. */
const bicubic: Filter = {
  support: 2,
  weight: (distance) => {
    const x = Math.abs(distance)
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0
  }
}

const bilinear: Filter = { support: 1, weight: (distance) => Math.max(0, 1 - Math.abs(distance)) }

const filters: Record<Interpolation, Filter> = { bicubic, bilinear }

/** For each output pixel along one side: the first source pixel that counts, and `taps` weights that add up to 1. */
interface Weights {
  readonly taps: number
  readonly first: Int32Array
  readonly weights: Float64Array
}

/** Pillow's weights: the filter is widened by the scale where the side shrinks (antialias), and cut at the box's ends. */
const weightsOf = (filter: Filter, start: number, length: number, size: number, flipped: boolean): Weights => {
  const scale = length / size
  const widening = Math.max(1, scale)
  const support = filter.support * widening
  const from = (i: number) => Math.max(0, Math.floor((i + 0.5) * scale - support + 0.5))
  const to = (i: number) => Math.min(length, Math.floor((i + 0.5) * scale + support + 0.5))
  let taps = 1
  for (let i = 0; i < size; i++) taps = Math.max(taps, to(i) - from(i))
  const first = new Int32Array(size)
  const weights = new Float64Array(size * taps)
  for (let i = 0; i < size; i++) {
    // Near the far end the window is moved back, so that each output has the same number of taps; those outside weigh 0.
    const base = Math.min(from(i), length - taps)
    const at = flipped ? size - 1 - i : i
    first[at] = start + base
    let sum = 0
    for (let source = from(i); source < to(i); source++) {
      const weight = filter.weight((source + 0.5 - (i + 0.5) * scale) / widening)
      weights[at * taps + source - base] = weight
      sum += weight
    }
    for (let tap = 0; tap < taps; tap++) weights[at * taps + tap]! /= sum
  }
  return { taps, first, weights }
}

/** Rows of the box, each sampled at `size` places: float32 [rows, size, 3]. */
const alongRows = ({ data, width }: RawPicture, box: Box, size: number, { taps, first, weights }: Weights): Float32Array => {
  const out = new Float32Array(box.height * size * 3)
  let o = 0
  for (let row = 0; row < box.height; row++) {
    const line = (box.y + row) * width
    for (let x = 0; x < size; x++) {
      let at = (line + first[x]!) * 3
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
  return out
}

/** Columns of [rows, size, 3] sampled at `size` places, rounded to 8 bits. */
const alongColumns = (rows: Float32Array, size: number, { taps, first, weights }: Weights): Uint8Array => {
  const line = size * 3
  const out = new Uint8Array(size * line)
  const sums = new Float64Array(line)
  for (let y = 0; y < size; y++) {
    sums.fill(0.5)
    for (let tap = 0; tap < taps; tap++) {
      const weight = weights[y * taps + tap]!
      if (weight === 0) continue
      const from = (first[y]! + tap) * line
      for (let i = 0; i < line; i++) sums[i]! += weight * rows[from + i]!
    }
    const to = y * line
    for (let i = 0; i < line; i++) {
      out[to + i] = Math.max(0, Math.min(255, sums[i]!))
    }
  }
  return out
}

/**
 * A box of a picture, scaled to `size` × `size` and mirrored if `flipped`: uint8 [size, size, 3].
 *
 * Separable and antialiased as Pillow's `resize` of the cropped picture is (no pixel outside the box counts), but not rounded
 * between the two passes. The same bytes on every machine.
 */
export const resample = (
  picture: RawPicture,
  box: Box,
  size: number,
  { flipped = false, interpolation = "bicubic" }: { readonly flipped?: boolean; readonly interpolation?: Interpolation } = {}
): Uint8Array => {
  const filter = filters[interpolation]
  const rows = alongRows(picture, box, size, weightsOf(filter, box.x, box.width, size, flipped))
  return alongColumns(rows, size, weightsOf(filter, 0, box.height, size, false))
}
