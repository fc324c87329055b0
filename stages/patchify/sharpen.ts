/**
 * Blends a square image with a smoothed copy: factor 0 returns the copy, 1 the image, 2 a sharpened image (Pillow's
 * `ImageEnhance.Sharpness`).
 * Smoothing is the 3 × 3 kernel of ones with 5 in the centre, over 13, rounded; the outermost pixels stay unchanged.
 */
export const sharpen = (data: Uint8Array, size: number, factor: number): Uint8Array => {
  const out = data.slice()
  const line = size * 3
  for (let y = 1; y < size - 1; y++) {
    for (let i = y * line + 3; i < (y + 1) * line - 3; i++) {
      const above = data[i - line - 3]! + data[i - line]! + data[i - line + 3]!
      const beside = data[i - 3]! + 5 * data[i]! + data[i + 3]!
      const below = data[i + line - 3]! + data[i + line]! + data[i + line + 3]!
      const smooth = Math.floor((above + beside + below) / 13 + 0.5)
      out[i] = Math.max(0, Math.min(255, smooth + factor * (data[i]! - smooth)))
    }
  }
  return out
}
