const units = ["", "k", "M", "G", "T", "P"] as const

/** Formats a number with three digits and a unit prefix: `1.23 MB`. */
export const compact = (n: number, unit = ""): string => {
  const step = n < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3))
  const scaled = n / 1000 ** step
  return `${step === 0 && Number.isInteger(n) ? n : scaled.toPrecision(3)} ${units[step]}${unit}`.trim()
}
