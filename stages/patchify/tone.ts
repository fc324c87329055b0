/** Mapped value of each of the 256 values of each channel: uint8 [3, 256]. */
export type ToneTable = Uint8Array

const levels = 256

const histograms = (data: Uint8Array): Uint32Array => {
  const counts = new Uint32Array(3 * levels)
  for (let i = 0; i < data.length; i += 3) {
    counts[data[i]!]!++
    counts[levels + data[i + 1]!]!++
    counts[2 * levels + data[i + 2]!]!++
  }
  return counts
}

/** Makes a table channel by channel from the channel's histogram. */
const perChannel = (data: Uint8Array, tone: (counts: Uint32Array) => (value: number) => number): ToneTable => {
  const counts = histograms(data)
  const table = new Uint8Array(3 * levels)
  for (let channel = 0; channel < 3; channel++) {
    const of = tone(counts.subarray(channel * levels, (channel + 1) * levels))
    for (let value = 0; value < levels; value++)
      table[channel * levels + value] = Math.min(255, Math.max(0, Math.floor(of(value))))
  }
  return table
}

/** Stretches each channel to 0–255 (Pillow's `ImageOps.autocontrast`, no cut-off). */
export const autoContrast = (data: Uint8Array): ToneTable =>
  perChannel(data, (counts) => {
    const low = counts.findIndex((count) => count > 0)
    const high = counts.findLastIndex((count) => count > 0)
    const scale = 255 / (high - low)
    return high > low ? (value) => value * scale - low * scale : (value) => value
  })

/** Equalises each channel's histogram (Pillow's `ImageOps.equalize`). */
export const equalize = (data: Uint8Array): ToneTable =>
  perChannel(data, (counts) => {
    const last = counts.findLastIndex((count) => count > 0)
    const total = counts.reduce((sum, count, value) => (value === last ? sum : sum + count), 0)
    const step = Math.floor(total / 255)
    if (step === 0) return (value) => value
    const table = new Float64Array(levels)
    let sum = Math.floor(step / 2)
    for (let value = 0; value < levels; value++) {
      table[value] = sum / step
      sum += counts[value]!
    }
    return (value) => table[value]!
  })

/** Multiplies every value by a factor (Pillow's `ImageEnhance.Brightness`). */
export const brightness = (data: Uint8Array, factor: number): ToneTable => perChannel(data, () => (value) => value * factor)

/** Maps every value of an image by a table. */
export const applyTone = (data: Uint8Array, table: ToneTable): Uint8Array => {
  const out = new Uint8Array(data.length)
  for (let i = 0; i < data.length; i += 3) {
    out[i] = table[data[i]!]!
    out[i + 1] = table[levels + data[i + 1]!]!
    out[i + 2] = table[2 * levels + data[i + 2]!]!
  }
  return out
}
