/** Adjacent values of a curve: their position, mean, minimum and maximum. */
export interface Bucket {
  readonly x: number
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** A curve as logged; values that are not finite (null in JSON) are gaps. */
export interface Curve {
  readonly x: readonly number[]
  readonly y: readonly (number | null | undefined)[]
}

/**
 * Divides a curve into at most `most` buckets of about equally many adjacent values; a bucket's position is that of its last
 * value.
 */
export const bucketed = ({ x, y }: Curve, most: number): readonly Bucket[] => {
  const points = x.flatMap((at, i) => {
    const value = y[i]
    return typeof value === "number" && Number.isFinite(value) ? [{ x: at, y: value }] : []
  })
  const count = Math.min(most, points.length)
  return Array.from({ length: count }, (_, b) => {
    const some = points.slice(Math.floor((b * points.length) / count), Math.floor(((b + 1) * points.length) / count))
    const values = some.map((point) => point.y)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    return { x: some.at(-1)!.x, mean, low: Math.min(...values), high: Math.max(...values) }
  })
}

/** Returns the range to draw: all means, and the extremes except the outermost hundredth at each end; never empty. */
export const drawnRange = (buckets: readonly Bucket[], also: readonly number[]): readonly [number, number] => {
  const lows = buckets.map((bucket) => bucket.low).sort((a, b) => a - b)
  const highs = buckets.map((bucket) => bucket.high).sort((a, b) => b - a)
  const beyond = Math.floor(buckets.length / 100)
  const means = buckets.map((bucket) => bucket.mean)
  const low = Math.min(...means, lows[beyond] ?? 0, ...also)
  const high = Math.max(...means, highs[beyond] ?? 1, ...also)
  const room = high > low ? 0.05 * (high - low) : Math.max(1e-6, Math.abs(high) * 0.05)
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room]
}
