/**
 * Formats a number in at most seven characters where possible: `0`, `0.0312`, `1.23`, `45.6`, `789`, `12345`, `1.2e+7`, `1e-5`;
 * NaN and ±∞ by name.
 */
export const figure = (value: number): string => {
  const size = Math.abs(value)
  if (!Number.isFinite(value) || (Number.isInteger(value) && size < 1e6)) return String(value)
  if (size < 1e-3 || size >= 1e6) return value.toExponential(1).replace(".0e", "e")
  return size >= 1000 ? value.toFixed(0) : value.toPrecision(3)
}
