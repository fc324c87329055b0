import { deflateSync } from "node:zlib"
import { Effect } from "effect"
import type { Sharp } from "sharp"
import { imageLoaders } from "../../../../lib/data/image-loaders.ts"
import { bomb } from "../../cli/odd-images.ts"
import { greyPng, pngChunk, pngHeader, pngSignature } from "./png.ts"

const sharp = imageLoaders()
const bytesOf = (image: Sharp) => Effect.promise(() => image.toBuffer())

/** Something to see: a slope of colours, which no encoder makes trivial. */
export const slope = (width = 48, height = 32) => {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7 + (i >> 5) * 13) & 255)
  return sharp(data, { raw: { width, height, channels: 3 } })
}

/** Whole images by kind of coding, for cutting and damaging. */
export const wholeImages = Effect.all({
  jpeg: bytesOf(slope().jpeg()),
  "progressive jpeg": bytesOf(slope().jpeg({ progressive: true })),
  png: bytesOf(slope().png()),
  "interlaced png": bytesOf(slope().png({ progressive: true })),
  webp: bytesOf(slope().webp()),
  "lossless webp": bytesOf(slope().webp({ lossless: true }))
})

/** The places of a file's parts: starts of JPEG segments, PNG chunks, RIFF chunks, each with its neighbours. */
export const boundaries = (kind: string, bytes: Buffer): readonly number[] => {
  const places = [0, 1, 2, 3, 4, 8, 12, 16, bytes.length >> 1, bytes.length - 12, bytes.length - 2, bytes.length - 1]
  if (kind.includes("png"))
    for (let at = 8; at + 8 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) places.push(at, at + 4, at + 8)
  if (kind.includes("webp"))
    for (let at = 12; at + 8 <= bytes.length; at += 8 + bytes.readUInt32LE(at + 4) + (bytes.readUInt32LE(at + 4) & 1))
      places.push(at, at + 4, at + 8)
  if (kind.includes("jpeg"))
    for (let at = 2; bytes[at] === 0xff && bytes[at + 1] !== 0xda; at += 2 + bytes.readUInt16BE(at + 2))
      places.push(at, at + 2, at + 4)
  const near = places.flatMap((place) => [place - 1, place, place + 1])
  return [...new Set(near)].filter((place) => place >= 0 && place < bytes.length).sort((a, b) => a - b)
}

/** A JPEG whose header says another size. */
export const resized = (jpeg: Buffer, width: number, height: number): Buffer => {
  const out = Buffer.from(jpeg)
  for (let at = 2; at < out.length; at += 2 + out.readUInt16BE(at + 2)) {
    if (![0xc0, 0xc2].includes(out[at + 1]!)) continue
    out.writeUInt16BE(height, at + 5)
    out.writeUInt16BE(width, at + 7)
    return out
  }
  return out
}

const zeros = (length: number): Uint8Array => new Uint8Array(length)

/** Images that unpack to far more than they are, each with the reason that it shall be refused with, or `any` outcome. */
export const bombs = Effect.gen(function* () {
  const jpeg = yield* bytesOf(slope().jpeg())
  const packed = deflateSync(zeros(64 * 2 ** 20))
  return {
    "a PNG of 400 megapixels": [bomb(), /^too-many-pixels\(20000×20000\)$/],
    "a JPEG that says it has 65500 × 65500 pixels": [resized(jpeg, 65_500, 65_500), /^(too-many-pixels|corrupt)/],
    "a PNG that says it has 10⁹ × 10⁹ pixels": [
      Buffer.concat([pngSignature, pngHeader(1e9, 1e9), pngChunk("IDAT", deflateSync(zeros(64))), pngChunk("IEND", zeros(0))]),
      /^(too-many-pixels|corrupt)/
    ],
    "a PNG with a text of 64 MiB, packed": [
      greyPng(4, 4, zeros(20), pngChunk("zTXt", Buffer.concat([Buffer.from("a\0\0"), packed]))),
      undefined
    ],
    "a PNG with a colour profile of 64 MiB, packed": [
      greyPng(4, 4, zeros(20), pngChunk("iCCP", Buffer.concat([Buffer.from("a\0\0"), packed]))),
      undefined
    ],
    "a PNG of 16 pixels with 64 MiB of rows": [greyPng(4, 4, zeros(64 * 2 ** 20)), undefined]
  } satisfies { readonly [name: string]: readonly [Buffer, RegExp | undefined] }
})

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>'

/** Files that are several things at once, by name. */
export const polyglots = Effect.gen(function* () {
  const [jpeg, png, webp] = [yield* bytesOf(slope().jpeg()), yield* bytesOf(slope().png()), yield* bytesOf(slope().webp())]
  const comment = Buffer.from(`<script>alert(1)</script>${svg}`)
  const segment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, comment.length + 2]), comment])
  const riff = (tail: string) =>
    Buffer.concat([Buffer.from("RIFF"), Buffer.from([tail.length + 4, 0, 0, 0]), Buffer.from(`WEBP${tail}`)])
  return {
    "a JPEG with a ZIP behind it": Buffer.concat([jpeg, Buffer.from("PK\u0003\u0004"), zeros(64)]),
    "a JPEG with a page in a comment": Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]),
    "a JPEG with a PNG behind it": Buffer.concat([jpeg, png]),
    "a PNG with a drawing behind it": Buffer.concat([png, Buffer.from(svg)]),
    "a PNG behind the first bytes of a JPEG": Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), png]),
    "a drawing that says it is a WebP": riff(svg),
    "a drawing that says it is a WebP, all in letters": Buffer.from(`RIFFaaaaWEBPVP8 ${svg}`),
    "a TIFF that says it is a WebP": Buffer.concat([riff("VP8 "), Buffer.from([0x49, 0x49, 0x2a, 0]), webp]),
    "a GIF that is a script": Buffer.from("GIF89a/*\u0000\u0000*/=1;alert(1)"),
    "a drawing behind white space": Buffer.from(`  \n${svg}`),
    "a drawing behind a byte order mark": Buffer.from(`\ufeff${svg}`),
    "a drawing in UTF-16": Buffer.from(`\ufeff${svg}`, "utf16le"),
    "a drawing, packed": deflateSync(Buffer.from(svg))
  }
})
