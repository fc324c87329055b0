const pad = (value: number): string => String(value).padStart(2, "0")

/**
 * Formats a duration in seconds: `0.4s`, `9.5s`, `42s`, `3m07s`, `2h05m`, `3d04h`; `?` for one that is not finite. Rounded before
 * it is split, so there is no 60s.
 */
export const duration = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return "?"
  if (seconds < 0) return `-${duration(-seconds)}`
  if (Math.round(seconds * 10) < 100) return `${seconds.toFixed(1)}s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return `${Math.floor(whole / 60)}m${pad(whole % 60)}s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)}h${pad(minutes % 60)}m`
  const hours = Math.round(seconds / 3600)
  return `${Math.floor(hours / 24)}d${pad(hours % 24)}h`
}
