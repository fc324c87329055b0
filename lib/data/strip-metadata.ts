import { crc32 } from "node:zlib"
import type { ImageFormat } from "./image-loaders.ts"

/** Returns the smallest TIFF block of EXIF: one entry, the orientation. */
const orientationBlock = (orientation: number): Buffer => {
  const block = Buffer.alloc(26)
  block.write("II*\0", 0, "latin1")
  block.writeUInt32LE(8, 4)
  block.writeUInt16LE(1, 8)
  block.writeUInt16LE(0x0112, 10)
  block.writeUInt16LE(3, 12)
  block.writeUInt32LE(1, 14)
  block.writeUInt16LE(orientation, 18)
  return block
}

const jpegExif = (orientation: number): Buffer => {
  const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), orientationBlock(orientation)])
  const head = Buffer.from([0xff, 0xe1, 0, body.length + 2])
  return Buffer.concat([head, body])
}

/**
 * True for segments that determine how a JPEG is decoded: all except those of applications (other than JFIF, Adobe's and colour
 * profiles) and comments.
 */
const keptSegment = (bytes: Buffer, at: number, marker: number): boolean => {
  if (marker === 0xfe) return false
  if (marker < 0xe0 || marker > 0xef) return true
  if (marker === 0xe0 || marker === 0xee) return true
  return marker === 0xe2 && bytes.toString("latin1", at + 4, at + 15) === "ICC_PROFILE"
}

/** Returns the position of the marker that ends the coded pixels from `at` on: not a stuffed zero, a restart or a fill byte. */
const nextMarker = (bytes: Buffer, at: number): number => {
  for (let place = bytes.indexOf(0xff, at); place >= 0; place = bytes.indexOf(0xff, place + 1)) {
    const marker = bytes[place + 1]
    if (marker !== undefined && marker !== 0 && marker !== 0xff && (marker < 0xd0 || marker > 0xd7)) return place
  }
  return -1
}

const stripJpeg = (bytes: Buffer, orientation: number): readonly Buffer[] | undefined => {
  const kept = [bytes.subarray(0, 2), ...(orientation > 1 ? [jpegExif(orientation)] : [])]
  for (let at = 2; ; ) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++
    const marker = bytes[at + 1]
    if (bytes[at] !== 0xff || marker === undefined) return undefined
    if (marker === 0xd9) return [...kept, bytes.subarray(at, at + 2)]
    if (at + 4 > bytes.length) return undefined
    const length = bytes.readUInt16BE(at + 2)
    const end = marker === 0xda ? nextMarker(bytes, at + 2 + length) : at + 2 + length
    if (length < 2 || end < 0 || end > bytes.length) return undefined
    if (keptSegment(bytes, at, marker)) kept.push(bytes.subarray(at, end))
    at = end
  }
}

/** Ancillary PNG chunks that change the appearance or animation of pixels. */
const keptChunks = new Set([
  "tRNS",
  "gAMA",
  "cHRM",
  "sRGB",
  "iCCP",
  "cICP",
  "sBIT",
  "pHYs",
  "bKGD",
  "hIST",
  "acTL",
  "fcTL",
  "fdAT"
])

const pngExif = (orientation: number): Buffer => {
  const body = Buffer.concat([Buffer.from("eXIf", "latin1"), orientationBlock(orientation)])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(body.length - 4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

const stripPng = (bytes: Buffer, orientation: number): readonly Buffer[] | undefined => {
  const kept = [bytes.subarray(0, 8)]
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 12 + bytes.readUInt32BE(at)
    if (end > bytes.length) return undefined
    const type = bytes.toString("latin1", at + 4, at + 8)
    const critical = type[0]! >= "A" && type[0]! <= "Z"
    if (critical || keptChunks.has(type)) kept.push(bytes.subarray(at, end))
    if (type === "IHDR" && orientation > 1) kept.push(pngExif(orientation))
    if (type === "IEND") return kept
    at = end
  }
  return undefined
}

const webpExif = (orientation: number): Buffer => {
  const head = Buffer.from("EXIF\u001a\0\0\0", "latin1")
  return Buffer.concat([head, orientationBlock(orientation)])
}

const stripWebp = (bytes: Buffer, orientation: number): readonly Buffer[] | undefined => {
  const header = Buffer.from(bytes.subarray(0, 12))
  const kept: Buffer[] = [header]
  const end = 8 + header.readUInt32LE(4)
  if (end > bytes.length) return undefined
  for (let at = 12; at + 8 <= end; ) {
    const type = bytes.toString("latin1", at, at + 4)
    const length = bytes.readUInt32LE(at + 4)
    if (at + 8 + length > end) return undefined
    const next = Math.min(end, at + 8 + length + (length & 1))
    const chunk = bytes.subarray(at, next)
    if (type === "VP8X" && length >= 1) {
      // The bits that indicate EXIF and XMP.
      const extended = Buffer.from(chunk)
      extended[8] = (extended[8]! & ~0x0c) | (orientation > 1 ? 0x08 : 0)
      kept.push(extended)
    } else if (["VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP"].includes(type)) kept.push(chunk)
    at = next
  }
  if (orientation > 1) kept.push(webpExif(orientation))
  header.writeUInt32LE(kept.reduce((sum, part) => sum + part.length, 0) - 8, 4)
  return kept
}

/**
 * Returns an image without any information except its pixels, none of which is decoded: without EXIF (place and author of the
 * photograph), XMP, IPTC, comments, texts, thumbnails, and data after its end. Colour profiles are kept, and an EXIF block with
 * the orientation alone where it rotates the image.
 *
 * `undefined` where the file's parts do not follow each other to its end; a GIF or AVIF is returned unchanged.
 */
export const stripMetadata = (bytes: Buffer, format: ImageFormat, orientation: number): Buffer | undefined => {
  if (format === "gif" || format === "avif") return bytes
  const strip = { jpeg: stripJpeg, png: stripPng, webp: stripWebp }[format]
  const kept = strip(bytes, orientation)
  return kept && Buffer.concat(kept)
}
