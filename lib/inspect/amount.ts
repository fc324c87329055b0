const units = ["B", "kB", "MB", "GB", "TB"] as const

/** Formats a number of bytes: `812 B`, `45.2 kB`, `1.03 GB`. */
export const byteAmount = (bytes: number): string => {
  const step = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${step === 0 ? Math.round(bytes) : (bytes / 1000 ** step).toPrecision(3)} ${units[step]}`
}

/** Formats a whole number with separated thousands: `1,234,567`. */
export const whole = (count: number): string => Math.round(count).toLocaleString("en-US")

/** Formats a number and its noun, `1 sample`, `2 samples`. */
export const many = (count: number, noun: string): string => `${whole(count)} ${noun}${count === 1 ? "" : "s"}`

/** Formats a part of a whole in percent, two digits below one: `0.25 %`; `0 %` of nothing. */
export const share = (part: number, all: number): string => {
  const percent = all === 0 ? 0 : (100 * part) / all
  return `${percent === 0 || percent === 100 ? percent : percent < 1 ? percent.toFixed(2) : percent.toFixed(1)} %`
}
