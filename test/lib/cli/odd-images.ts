import { deflateSync } from "node:zlib"
import { Effect } from "effect"
import sharp from "sharp"

/** An image of one colour. */
export const image = (red: number, format: "png" | "jpeg" | "webp" = "png") =>
  Effect.promise(() =>
    sharp({ create: { width: 40, height: 40, channels: 3, background: { r: red, g: 90, b: 30 } } })
      .toFormat(format)
      .toBuffer()
  )

const crcTable = Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c >>> 0
})

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(
    (body.reduce((c, byte) => crcTable[(c ^ byte) & 255]! ^ (c >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0,
    body.length + 4
  )
  return out
}

/** A whole PNG of 20,000 × 20,000 black pixels, in some fifty kilobytes. */
export const bomb = (): Buffer => {
  const side = 20_000
  const header = Buffer.alloc(13)
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  header[8] = 1
  const rows = deflateSync(Buffer.alloc(side * (1 + side / 8)))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))])
}

/** An image that moves. */
export const animated = Effect.gen(function* () {
  const frames = [yield* image(1), yield* image(200)]
  return yield* Effect.promise(() =>
    sharp(frames, { join: { animated: true } })
      .webp()
      .toBuffer()
  )
})

/** Pairs that can be trained on. */
export const goodPairs = Effect.fnUntraced(function* (count: number, from = 0) {
  const bytes = yield* Effect.forEach(Array.from({ length: count }), (_, i) => image(20 + 9 * i))
  return bytes.map((each, i) => [`good${from + i}.png`, each, `a square of shade ${i}`] as const)
})
