import { crc32 } from "node:zlib"

/** First bytes of a pack file. */
export const packMagic = new TextEncoder().encode("SMMPACK1")

/** Bytes of a record before its content: key 32, length 4, CRC-32 of the content 4, CRC-32 of those forty bytes 4. */
export const recordHeaderBytes = 44

/** Maximum length in bytes of a record's content. */
export const longestContent = 2 ** 31 - 1

/** Fields of a record's header. */
export interface RecordHeader {
  readonly key: string
  readonly length: number
  readonly checksum: number
}

/** Encodes the header of a record with a content, and the content's checksum; the key is 64 hexadecimal digits. */
export const recordHeader = (key: string, content: Uint8Array): { readonly bytes: Uint8Array; readonly checksum: number } => {
  const bytes = new Uint8Array(recordHeaderBytes)
  bytes.set(Buffer.from(key, "hex"))
  const checksum = crc32(content)
  const view = new DataView(bytes.buffer)
  view.setUint32(32, content.length, true)
  view.setUint32(36, checksum, true)
  view.setUint32(40, crc32(bytes.subarray(0, 40)), true)
  return { bytes, checksum }
}

/** Decodes a header of 44 bytes, or returns `undefined` if it is damaged or something else. */
export const readRecordHeader = (bytes: Uint8Array): RecordHeader | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, recordHeaderBytes)
  if (view.getUint32(40, true) !== crc32(bytes.subarray(0, 40))) return undefined
  return {
    key: Buffer.from(bytes.buffer, bytes.byteOffset, 32).toString("hex"),
    length: view.getUint32(32, true),
    checksum: view.getUint32(36, true)
  }
}
