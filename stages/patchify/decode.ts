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

/** Limits on untrusted images, and the size to which they are scaled. */
export interface DecodeSettings extends ImageLimits {
  /** Shorter side of a decoded image, in pixels; smaller images are not scaled. */
  readonly shorter: number
  /**
   * Inverse transform of a JPEG whose header shows that it needs no other processing, such as a shard's images: `accurate` by
   * libvips, or `fast` by libjpeg-turbo alone, in a third of the time.
   */
  readonly transform: Transform
}

export const decodeDefaults: Omit<DecodeSettings, "shorter"> = {
  ...imageLimits,
  transform: defaultTransform
}

/** Properties of an image known before its pixels are decoded. */
interface Found {
  readonly bytes: Buffer
  readonly format: ImageFormat
  readonly width: number
  readonly height: number
  /** Header of a JPEG that is upright, sRGB and opaque without conversion. */
  readonly plain: PlainJpeg | undefined
}

/** Reads the header with our own parser where it is sufficient, which takes a tenth of libvips's time. */
const findImage = Effect.fnUntraced(function* (id: string, image: Uint8Array, limits: DecodeSettings) {
  const { maxBytes, maxPixels, formats } = limits
  const plain = image.length <= maxBytes && formats.includes("jpeg") ? plainJpeg(image) : undefined
  if (plain === undefined || plain.width * plain.height > maxPixels)
    return { ...(yield* guardImage(id, image, limits)), plain: undefined } as Found
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength)
  return { bytes, format: "jpeg", width: plain.width, height: plain.height, plain } as Found
})

/** Pixels as sharp returns them. */
interface Pixels {
  readonly data: Uint8Array
  readonly info: { readonly width: number; readonly height: number; readonly channels: number }
}

/** Decodes to pixels; a plain image that is not scaled takes the shortest path. */
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
 * Decodes an untrusted image to sRGB pixels: oriented by its EXIF data, alpha on white, greys, CMYK and 16 bits converted, scaled
 * down to the size of the settings.
 * Accepts only JPEG, PNG and WebP, and AVIF and a GIF's first frame where `formats` has them, recognised by their first bytes.
 * The reasons of a `SampleError` are those of `guardImage`.
 */
export const decodeImage = Effect.fnUntraced(function* (id: string, image: Uint8Array, settings: DecodeSettings) {
  const found = yield* findImage(id, image, settings)
  const { data, info } = (yield* pixelsOf(id, found, settings)).made
  if (info.channels !== 3) return yield* new SampleError({ id, reason: `corrupt(${info.channels} channels)` })
  return { width: info.width, height: info.height, data } as RawImage
})
