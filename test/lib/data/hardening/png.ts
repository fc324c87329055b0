import { crc32, deflateSync } from "node:zlib"

/** A chunk of a PNG, with its checksum. */
export const pngChunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

export const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** A PNG's first chunk: its size, bits a channel and colour type. */
export const pngHeader = (width: number, height: number, bits = 8, colour = 0): Buffer => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = bits
  header[9] = colour
  return pngChunk("IHDR", header)
}

/** A grey PNG made by hand: its rows, of a filter byte and a byte a pixel, and chunks before its pixels. */
export const greyPng = (width: number, height: number, rows: Uint8Array, ...before: readonly Buffer[]): Buffer =>
  Buffer.concat([
    pngSignature,
    pngHeader(width, height),
    ...before,
    pngChunk("IDAT", deflateSync(rows)),
    pngChunk("IEND", Buffer.alloc(0))
  ])
