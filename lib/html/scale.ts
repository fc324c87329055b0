/** Returns the smallest round number (1, 2 or 5 times a power of ten) of at least `size`. */
const roundStep = (size: number): number => {
  const power = 10 ** Math.floor(Math.log10(size))
  const multiple = [1, 2, 5, 10].find((each) => each * power >= size * (1 - 1e-9))!
  return multiple * power
}

/** Returns round numbers within [low, high], at most `most` of them; one where the range is empty. */
export const ticks = (low: number, high: number, most: number): readonly number[] => {
  if (!(high > low)) return [low]
  const step = roundStep((high - low) / most)
  const first = Math.ceil(low / step - 1e-9)
  const count = Math.floor(high / step + 1e-9) - first + 1
  return Array.from({ length: Math.max(0, count) }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** Formats a tick: `0`, `0.25`, `2000`, `20k`, `1e-5`. */
export const tickText = (value: number): string => {
  const size = Math.abs(value)
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`
  if (size > 0 && size < 1e-3) return value.toExponential().replace("+", "")
  return String(Number(value.toPrecision(6)))
}

/** Returns the linear map from [from, to] onto [start, end]; the middle where the range is empty. */
export const linear =
  (from: number, to: number, start: number, end: number) =>
  (x: number): number =>
    to > from ? start + ((x - from) / (to - from)) * (end - start) : (start + end) / 2
