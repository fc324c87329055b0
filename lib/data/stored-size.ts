/** Width and height in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/**
 * Maximum ratio of an image's longer side to the wanted shorter side; a longer image is scaled down to it, whatever its shorter
 * side then is.
 */
const longest = 8

/**
 * Returns the size at which an image is stored, so that its shorter side is `shorter` where it is larger; nothing is ever
 * enlarged.
 *
 * The longer side is at most eight times `shorter`, so that an image of 1 × 40,000,000 pixels is stored as a small one.
 */
export const storedSize = ({ width, height }: Size, shorter: number): Size => {
  const scale = Math.min(1, shorter / Math.min(width, height), (longest * shorter) / Math.max(width, height))
  const side = (length: number) => Math.max(1, Math.floor(length * scale + 0.5))
  return { width: side(width), height: side(height) }
}
