/** Distribution of numbers: quantiles, the mean, and counts in steps of the same width. */
export interface Spread {
  readonly count: number
  readonly least: number
  readonly quarter: number
  readonly median: number
  readonly threeQuarters: number
  readonly most: number
  readonly mean: number
  /** Counts from `from` on in steps of `step`; the last one includes all larger numbers. */
  readonly histogram: { readonly from: number; readonly step: number; readonly counts: readonly number[] }
}

const steps = 24

/**
 * Returns the distribution of some numbers, which it sorts; undefined for none. Steps are whole numbers where the numbers are.
 */
export const spreadOf = (numbers: Float64Array): Spread | undefined => {
  const count = numbers.length
  if (count === 0) return undefined
  const sorted = numbers.sort()
  const at = (part: number): number => sorted[Math.min(count - 1, Math.floor(part * count))]!
  const [least, most] = [sorted[0]!, sorted[count - 1]!]
  // A few outliers must not compress all other numbers into one bar.
  const high = Math.min(most, Math.max(at(0.5) * 2, at(0.99)))
  const whole = sorted.every(Number.isInteger)
  const width = whole ? Math.max(1, Math.ceil((high - least + 1) / steps)) : (high - least) / steps || 1
  const counts = new Array<number>(Math.max(1, Math.min(steps, Math.ceil((high - least + (whole ? 1 : 0)) / width)))).fill(0)
  let sum = 0
  for (const number of sorted) {
    sum += number
    counts[Math.min(counts.length - 1, Math.floor((number - least) / width))]!++
  }
  return {
    count,
    least,
    quarter: at(0.25),
    median: at(0.5),
    threeQuarters: at(0.75),
    most,
    mean: sum / count,
    histogram: { from: least, step: width, counts }
  }
}
