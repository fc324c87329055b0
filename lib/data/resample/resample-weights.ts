/** Interpolation between pixels. */
export type Interpolation = "bicubic" | "bilinear"

interface Filter {
  /** Half the width outside of which the weight is 0, in source pixels when not shrinking. */
  readonly support: number
  weight(distance: number): number
}

/** Keys' cubic convolution with a = −½ ("Cubic convolution interpolation", 1981), as in Pillow. */
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

/** Weights along one side: for each output pixel the first source pixel, and `taps` weights with sum 1. */
export interface Weights {
  readonly taps: number
  readonly first: Int32Array
  readonly weights: Float32Array
}

/**
 * Computes Pillow's weights for `length` pixels sampled at `size` positions, last to first if `flipped`: the filter is widened by
 * the scale where the side shrinks (antialias), and cut at the box's ends.
 */
export const weightsOf = (interpolation: Interpolation, length: number, size: number, flipped: boolean): Weights => {
  const { support: half, weight } = filters[interpolation]
  const scale = length / size
  const widening = Math.max(1, scale)
  const support = half * widening
  const from = (i: number) => Math.max(0, Math.floor((i + 0.5) * scale - support + 0.5))
  const to = (i: number) => Math.min(length, Math.floor((i + 0.5) * scale + support + 0.5))
  let taps = 1
  for (let i = 0; i < size; i++) taps = Math.max(taps, to(i) - from(i))
  const first = new Int32Array(size)
  const weights = new Float32Array(size * taps)
  const own = new Float64Array(taps)
  for (let i = 0; i < size; i++) {
    const [low, high] = [from(i), to(i)]
    const centre = (i + 0.5) * scale - 0.5
    // Near the far end the window is moved back, so that each output has the same number of taps; those outside have weight 0.
    const base = Math.min(low, length - taps)
    const at = flipped ? size - 1 - i : i
    first[at] = base
    let sum = 0
    for (let source = low; source < high; source++) sum += own[source - low] = weight((source - centre) / widening)
    for (let source = low; source < high; source++) weights[at * taps + source - base] = own[source - low]! / sum
  }
  return { taps, first, weights }
}
