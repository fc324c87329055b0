import { oneLine } from "../error/one-line.ts"
import type { ImageFormat } from "./image-loaders.ts"
import { jpegHasEnd } from "./jpeg-end.ts"

/**
 * Returns the bytes that a WebP's RIFF header states; libvips' SVG loader takes only text, which would make this 150 MB or more.
 */
export const riffBytes = (bytes: Buffer): number => (bytes.length >= 12 ? bytes.readUInt32LE(4) + 8 : Number.POSITIVE_INFINITY)

const ends: Record<ImageFormat, (bytes: Buffer) => boolean> = {
  jpeg: jpegHasEnd,
  png: (bytes) => bytes.lastIndexOf("IEND", undefined, "latin1") >= 0,
  webp: (bytes) => riffBytes(bytes) <= bytes.length,
  // A GIF ends with a byte that may also occur within it, an AVIF without an end marker.
  gif: (bytes) => bytes.at(-1) === 0x3b,
  avif: () => true
}

/** True where the end of an image's file is present, as far as its format shows. */
export const hasEnd = (format: ImageFormat, bytes: Buffer): boolean => ends[format](bytes)

/** Reason without a message: libvips collects its messages for all threads, so that one may have taken another's. */
const wordless = "libvips does not say why"

/**
 * Returns the reason of a `SampleError` for an image that libvips refused: its message, unless time or the file's end is missing.
 */
export const imageRefusal = (format: ImageFormat, bytes: Buffer, cause: unknown): string => {
  const message = oneLine(cause).replace(/^(Warning treated as error due to failOn setting|Unknown error) ?/, "")
  if (/timeout/i.test(message)) return "timeout"
  if (/exceeds pixel limit/.test(message)) return "too-many-pixels"
  return hasEnd(format, bytes) ? `corrupt(${message || wordless})` : "truncated"
}
