import { Effect } from "effect"
import type { Sharp } from "sharp"
import { decodeGuarded } from "../../lib/data/decode-guarded.ts"
import { guardImage, type ImageLimits, imageLimits } from "../../lib/data/image-guard.ts"
import type { ImageFormat } from "../../lib/data/image-loaders.ts"
import { type PlainJpeg, plainJpeg } from "../../lib/data/plain-jpeg.ts"
import { storedSize } from "../../lib/data/stored-size.ts"
import { defaultTransform, type Transform, turboFor, turboPixels } from "../../lib/data/turbo-jpeg.ts"
import { SampleError } from "../../lib/pipeline/errors.ts"
import type { RawImage } from "./raw-image.ts"

/** Bounds on untrusted images, and the size they are kept at. */
export interface DecodeSettings extends ImageLimits {
  /** The shorter side of a kept image, in pixels; smaller images are kept as they are. */
  readonly shorter: number
  /**
   * How a JPEG's inverse transform is computed where its header shows that nothing else need be done to it, as that of a shard's
   * images does: `accurate` by libvips, or `fast` by libjpeg-turbo alone, in a third of the time.
   */
  readonly transform: Transform
}

export const decodeDefaults: Omit<DecodeSettings, "shorter"> = {
  ...imageLimits,
  transform: defaultTransform
}

/** What is known of an image before its pixels. */
interface Found {
  readonly bytes: Buffer
  readonly format: ImageFormat
  readonly width: number
  readonly height: number
  /** What its header says where that is all: upright, sRGB and opaque as it is. */
  readonly plain: PlainJpeg | undefined
}

/** Told from the header by ourselves where that says enough, which takes a tenth of the time that libvips takes for it. */
const findImage = Effect.fnUntraced(function* (id: string, image: Uint8Array, limits: DecodeSettings) {
  const { maxBytes, maxPixels, formats } = limits
  const plain = image.length <= maxBytes && formats.includes("jpeg") ? plainJpeg(image) : undefined
  if (plain === undefined || plain.width * plain.height > maxPixels)
    return { ...(yield* guardImage(id, image, limits)), plain: undefined } as Found
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength)
  return { bytes, format: "jpeg", width: plain.width, height: plain.height, plain } as Found
})

/** Pixels as sharp hands them over. */
interface Pixels {
  readonly data: Uint8Array
  readonly info: { readonly width: number; readonly height: number; readonly channels: number }
}

/** The way to the pixels; a plain image that is kept as large as it is takes the shortest. */
const pixelsOf = (id: string, found: Found, settings: DecodeSettings) => {
  const { bytes, plain } = found
  const size = storedSize(found, settings.shorter)
  const asItIs = plain !== undefined && size.width === found.width && size.height === found.height
  const turbo = turboFor(settings.transform, asItIs ? plain : undefined)
  const fast =
    turbo && (async (): Promise<Pixels> => ({ data: await turboPixels(turbo, bytes, size), info: { ...size, channels: 3 } }))
  const make = (opened: Sharp): Promise<Pixels> => {
    if (asItIs) return opened.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true })
    return opened
      .flatten({ background: "#ffffff" })
      .resize(size.width, size.height, { fit: "fill", kernel: "cubic" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true })
  }
  return decodeGuarded(id, found, settings, { autoOrient: plain === undefined, make, fast })
}

/**
 * An untrusted image as sRGB pixels: turned as its EXIF orientation says, alpha on white, greys, CMYK and 16 bits converted,
 * scaled down to the size it is kept at.
 *
 * Only JPEG, PNG and WebP, and AVIF and a GIF's first frame where `formats` has them, told by their first bytes. The reasons of a
 * `SampleError` are those of `guardImage`.
 */
export const decodeImage = Effect.fnUntraced(function* (id: string, image: Uint8Array, settings: DecodeSettings) {
  const found = yield* findImage(id, image, settings)
  const { data, info } = (yield* pixelsOf(id, found, settings)).made
  if (info.channels !== 3) return yield* new SampleError({ id, reason: `corrupt(${info.channels} channels)` })
  return { width: info.width, height: info.height, data } as RawImage
})
