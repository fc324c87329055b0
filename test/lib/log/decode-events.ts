import { crc32c } from "../../../lib/log/crc32c.ts"

/** A protobuf message read without a schema: the values of each field, bytes as they are, numbers by wire type. */
export type Message = ReadonlyMap<number, ReadonlyArray<number | Uint8Array>>

/** Reads a message: varints as numbers, 64-bit fields as doubles, 32-bit ones as floats. */
export const decodeMessage = (bytes: Uint8Array): Message => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fields = new Map<number, Array<number | Uint8Array>>()
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++]!
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  const read = (type: number): number | Uint8Array => {
    if (type === 0) return varint()
    const length = type === 1 ? 8 : type === 5 ? 4 : varint()
    at += length
    if (type === 1) return view.getFloat64(at - 8, true)
    return type === 5 ? view.getFloat32(at - 4, true) : bytes.subarray(at - length, at)
  }
  while (at < bytes.length) {
    const tag = varint()
    const field = Math.floor(tag / 8)
    fields.set(field, [...(fields.get(field) ?? []), read(tag % 8)])
  }
  return fields
}

const unmask = (masked: number): number => {
  const rotated = (masked - 0xa282ead8) >>> 0
  return ((rotated << 15) | (rotated >>> 17)) >>> 0
}

/** The contents of the TFRecords in a file, but for a last one that is torn; throws where a length or a checksum is not right. */
export const decodeRecords = (bytes: Uint8Array): ReadonlyArray<Uint8Array> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const records: Array<Uint8Array> = []
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = Number(view.getBigUint64(at, true))
    if (at + 16 + length > bytes.length) break
    const content = bytes.subarray(at + 12, at + 12 + length)
    if (unmask(view.getUint32(at + 8, true)) !== crc32c(bytes.subarray(at, at + 8))) throw new Error(`length at ${at}`)
    if (unmask(view.getUint32(at + 12 + length, true)) !== crc32c(content)) throw new Error(`content at ${at}`)
    records.push(content)
    at += 16 + length
  }
  return records
}
