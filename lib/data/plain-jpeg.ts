/** Header of a JPEG of which only the pixels matter: see `plainJpeg`. */
export interface PlainJpeg {
  readonly width: number
  readonly height: number
  /** True where it is coded in successively finer scans: its decoding time is not bounded by its size. */
  readonly progressive: boolean
}

const startOfScan = 0xda
/** Start of frame: baseline, extended and progressive, Huffman coded. */
const frames = new Set([0xc0, 0xc1, 0xc2])
/** Application data with an orientation or a profile, and Adobe's, which indicates that colours are stored differently. */
const meaningful = new Set([0xe1, 0xe2, 0xee])

/**
 * Returns the size of a JPEG of three 8-bit components Y, Cb, Cr without EXIF, colour profile or Adobe marker: one that is
 * upright and sRGB, as `semmim prepare` writes them; `undefined` for any other, and where the header is damaged. Reads the header
 * only.
 */
export const plainJpeg = (bytes: Uint8Array): PlainJpeg | undefined => {
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined
  let found: PlainJpeg | undefined
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes[at + 1]!
    const length = bytes[at + 2]! * 256 + bytes[at + 3]!
    if (bytes[at] !== 0xff || length < 2 || meaningful.has(marker)) return undefined
    if (marker === startOfScan) return found
    if (frames.has(marker)) {
      const [precision, components] = [bytes[at + 4], bytes[at + 9]]
      const ids = [bytes[at + 10], bytes[at + 13], bytes[at + 16]]
      if (found !== undefined || length !== 17 || precision !== 8 || components !== 3 || ids.join() !== "1,2,3") return undefined
      found = {
        height: bytes[at + 5]! * 256 + bytes[at + 6]!,
        width: bytes[at + 7]! * 256 + bytes[at + 8]!,
        progressive: marker === 0xc2
      }
      if (found.width === 0 || found.height === 0) return undefined
    } else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xcc) return undefined
    at += 2 + length
  }
  return undefined
}
