import { maskedCrc32c } from "./crc32c.ts"

/**
 * Frames bytes as one TFRecord: length (uint64), the length's masked CRC-32C, the bytes, their masked CRC-32C; all little-endian.
 */
export const tfRecord = (content: Uint8Array): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(content.length + 16)
  const view = new DataView(out.buffer)
  view.setBigUint64(0, BigInt(content.length), true)
  view.setUint32(8, maskedCrc32c(out.subarray(0, 8)), true)
  out.set(content, 12)
  view.setUint32(12 + content.length, maskedCrc32c(content), true)
  return out
}
