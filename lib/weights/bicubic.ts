/** Parameter a of the cubic convolution kernel, as in PyTorch (Keys 1981 has −½). */
const a = -0.75

/** Weights of the four neighbours of a point at distance `t` past the second of them. */
const taps = (t: number): readonly [number, number, number, number] => {
  const near = (x: number): number => ((a + 2) * x - (a + 3)) * x * x + 1
  const far = (x: number): number => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
  return [far(t + 1), near(t), near(1 - t), far(2 - t)]
}

interface Axis {
  readonly from: readonly number[]
  readonly weights: readonly number[]
}

/** Returns, for each position of the new axis, its four neighbours on the old one (the edge repeated) and their weights. */
const axis = (old: number, size: number): readonly Axis[] =>
  Array.from({ length: size }, (_, i) => {
    const place = (i + 0.5) * (old / size) - 0.5
    const floor = Math.floor(place)
    const from = [-1, 0, 1, 2].map((step) => Math.min(old - 1, Math.max(0, floor + step)))
    return { from, weights: taps(place - floor) }
  })

/** A grid of vectors, row by row. */
export interface VectorGrid {
  readonly rows: number
  readonly columns: number
  readonly width: number
  readonly data: Float32Array
}

/**
 * Resizes a grid of vectors as `torch.nn.functional.interpolate(mode="bicubic", align_corners=False, antialias=False)` does:
 * cubic convolution with a = −0.75, centres of cells aligned, edges repeated.
 */
export const bicubic = ({ rows, columns, width, data }: VectorGrid, newRows: number, newColumns: number): Float32Array => {
  const down = axis(rows, newRows)
  const across = axis(columns, newColumns)
  const out = new Float32Array(newRows * newColumns * width)
  for (const [y, vertical] of down.entries())
    for (const [x, horizontal] of across.entries())
      for (let i = 0; i < width; i++) {
        let sum = 0
        for (let v = 0; v < 4; v++)
          for (let h = 0; h < 4; h++) {
            const cell = vertical.from[v]! * columns + horizontal.from[h]!
            sum += vertical.weights[v]! * horizontal.weights[h]! * data[cell * width + i]!
          }
        out[(y * newColumns + x) * width + i] = sum
      }
  return out
}
