import { Effect } from "effect"
import { oneLine } from "../../lib/data/data-error.ts"
import { isPictureFormat, type PictureFormat, pictureLoaders, sniffFormat } from "../../lib/data/picture-loaders.ts"
import { SampleError } from "../../lib/pipeline/errors.ts"
import type { RawPicture } from "./raw-picture.ts"
import { storedSize } from "./stored-size.ts"

/** Bounds on untrusted pictures, and the size they are kept at. */
export interface DecodeSettings {
  /** The shorter side of a kept picture, in pixels; smaller pictures are kept as they are. */
  readonly shorter: number
  /** Encoded bytes. */
  readonly maxBytes: number
  /** Width × height, as the header says. */
  readonly maxPixels: number
  readonly timeoutSeconds: number
  /** What is done with a picture of several frames. */
  readonly animated: "refuse" | "first-frame"
}

export const decodeDefaults: Omit<DecodeSettings, "shorter"> = {
  maxBytes: 64 * 2 ** 20,
  maxPixels: 40_000_000,
  timeoutSeconds: 30,
  animated: "refuse"
}

const ends: Record<PictureFormat, (bytes: Buffer) => boolean> = {
  jpeg: (bytes) => bytes.lastIndexOf(Buffer.from([0xff, 0xd9])) >= 0,
  png: (bytes) => bytes.lastIndexOf("IEND", undefined, "latin1") >= 0,
  webp: (bytes) => bytes.length >= 12 && bytes.readUInt32LE(4) + 8 <= bytes.length
}

/** Why libvips refused a picture: its message, unless the file's end is missing. */
const refusal = (format: PictureFormat, bytes: Buffer, cause: unknown): string => {
  const message = oneLine(cause)
  if (message.startsWith("timeout")) return "timeout"
  if (/exceeds pixel limit/.test(message)) return "too-many-pixels"
  return ends[format](bytes) ? `corrupt(${message})` : "truncated"
}

/**
 * An untrusted picture as sRGB pixels: turned as its EXIF orientation says, alpha on white, greys, CMYK and 16 bits converted,
 * scaled down to the size it is kept at.
 *
 * Only JPEG, PNG and WebP, told by their first bytes. The reasons of a `SampleError`: empty · too-large(n bytes) ·
 * unsupported-format(found) · too-many-pixels(w×h) · animated(n frames) · truncated · corrupt(message) · timeout.
 */
export const decodePicture = Effect.fnUntraced(function* (id: string, picture: Uint8Array, settings: DecodeSettings) {
  const { shorter, maxBytes, maxPixels, timeoutSeconds, animated } = settings
  const refuse = (reason: string) => new SampleError({ id, reason })
  if (picture.length === 0) return yield* refuse("empty")
  if (picture.length > maxBytes) return yield* refuse(`too-large(${picture.length} bytes)`)
  const format = sniffFormat(picture)
  if (!isPictureFormat(format)) return yield* refuse(`unsupported-format(${format})`)
  const bytes = Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength)
  const failed = (cause: unknown) => refuse(refusal(format, bytes, cause))
  const load = pictureLoaders()
  const found = yield* Effect.tryPromise({ try: () => load(bytes, { limitInputPixels: false }).metadata(), catch: failed })
  if (found.width * found.height > maxPixels) return yield* refuse(`too-many-pixels(${found.width}×${found.height})`)
  if ((found.pages ?? 1) > 1 && animated === "refuse") return yield* refuse(`animated(${found.pages} frames)`)
  const { width, height } = storedSize(found.autoOrient, shorter)
  const { data, info } = yield* Effect.tryPromise({
    try: () =>
      load(bytes, { limitInputPixels: maxPixels, failOn: "warning", autoOrient: true })
        .timeout({ seconds: timeoutSeconds })
        .flatten({ background: "#ffffff" })
        .resize(width, height, { fit: "fill", kernel: "cubic" })
        .toColourspace("srgb")
        .raw({ depth: "uchar" })
        .toBuffer({ resolveWithObject: true }),
    catch: failed
  })
  if (info.channels !== 3) return yield* refuse(`corrupt(${info.channels} channels)`)
  return { width: info.width, height: info.height, data } as RawPicture
})
