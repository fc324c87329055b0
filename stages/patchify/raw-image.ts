import type { RawImage } from "../../lib/data/resample/resample.ts"

export type { RawImage } from "../../lib/data/resample/resample.ts"

const header = 8

/** Encodes an image for the cache: width and height as little-endian uint32, then the pixels. */
export const encodeRawImage = ({ width, height, data }: RawImage): Uint8Array => {
  const bytes = new Uint8Array(header + data.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, width, true)
  view.setUint32(4, height, true)
  bytes.set(data, header)
  return bytes
}

/** Decodes an image, sharing the bytes' memory; throws a `RangeError` if their number does not match the header. */
export const decodeRawImage = (bytes: Uint8Array): RawImage => {
  if (bytes.length < header) throw new RangeError(`raw image: ${bytes.length} bytes are no header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const width = view.getUint32(0, true)
  const height = view.getUint32(4, true)
  if (width === 0 || height === 0 || bytes.length !== header + width * height * 3)
    throw new RangeError(`raw image: ${bytes.length} bytes are not ${width} × ${height} pixels`)
  return { width, height, data: bytes.subarray(header) }
}
