import { Effect } from "effect"
import { SampleError } from "../pipeline/errors.ts"
import { type Strictness, strictThenTolerant } from "./decode-guarded.ts"
import { type ImageFormat, imageLoaders, isImageFormat, safeFormats, sniffFormat } from "./image-loaders.ts"
import { riffBytes } from "./image-refusal.ts"
import { jpegHeader } from "./jpeg-header.ts"

/** Limits on untrusted images. */
export interface ImageLimits {
  /** Encoded bytes. */
  readonly maxBytes: number
  /** Width × height, as stated in the header. */
  readonly maxPixels: number
  readonly timeoutSeconds: number
  /** Treatment of images with several frames; for a GIF, where that format is allowed, the first frame is always taken. */
  readonly animated: "refuse" | "first-frame"
  readonly formats: readonly ImageFormat[]
}

export const imageLimits: ImageLimits = {
  maxBytes: 64 * 2 ** 20,
  maxPixels: 40_000_000,
  timeoutSeconds: 30,
  animated: "refuse",
  formats: safeFormats
}

/** An image whose first bytes and header are within the limits; its pixels may still be damaged. */
export interface GuardedImage {
  readonly bytes: Buffer
  readonly format: ImageFormat
  /** Width after its EXIF orientation was applied. */
  readonly width: number
  readonly height: number
  readonly frames: number
  /** The EXIF orientation, 1 to 8; 1 for none. */
  readonly orientation: number
  /** True where the EXIF orientation rotates or mirrors the image. */
  readonly turned: boolean
}

/**
 * Checks an untrusted image before any decoder: format by the first bytes, size in bytes, then the pixels and frames stated in
 * the header. No pixel is decoded.
 *
 * The reasons of a `SampleError`: empty · too-large(n bytes) · unsupported-format(found) · too-many-pixels(w×h) · animated(n
 * frames) · truncated · corrupt(message) · timeout.
 */
export const guardImage = Effect.fnUntraced(function* (id: string, image: Uint8Array, limits: ImageLimits = imageLimits) {
  const { maxBytes, maxPixels, timeoutSeconds, animated, formats } = limits
  const refuse = (reason: string) => new SampleError({ id, reason })
  if (image.length === 0) return yield* refuse("empty")
  if (image.length > maxBytes) return yield* refuse(`too-large(${image.length} bytes)`)
  const format = sniffFormat(image)
  if (!isImageFormat(format, formats)) return yield* refuse(`unsupported-format(${format})`)
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength)
  // Before libvips sees it: see `riffBytes`.
  if (format === "webp" && riffBytes(bytes) > bytes.length) return yield* refuse("truncated")
  const quick = format === "jpeg" ? jpegHeader(bytes) : undefined
  if (quick !== undefined) {
    if (quick.width * quick.height > maxPixels) return yield* refuse(`too-many-pixels(${quick.width}×${quick.height})`)
    return { bytes, format, ...quick, frames: 1, orientation: 1, turned: false } satisfies GuardedImage
  }
  const header = (failOn: Strictness) => imageLoaders(formats)(bytes, { limitInputPixels: false, failOn }).metadata()
  const { made: found } = yield* strictThenTolerant({ bytes, format }, header).pipe(
    Effect.timeoutOrElse({ duration: `${timeoutSeconds} seconds`, orElse: () => Effect.fail("timeout") }),
    Effect.mapError(refuse)
  )
  // libvips calls AVIF by the family's name.
  if (found.format !== (format === "avif" ? "heif" : format)) return yield* refuse(`corrupt(read as ${found.format})`)
  if (found.width * found.height > maxPixels) return yield* refuse(`too-many-pixels(${found.width}×${found.height})`)
  const frames = found.pages ?? 1
  if (frames > 1 && animated === "refuse" && format !== "gif") return yield* refuse(`animated(${frames} frames)`)
  const { width, height } = found.autoOrient
  const orientation = found.orientation ?? 1
  return { bytes, format, width, height, frames, orientation, turned: orientation > 1 } satisfies GuardedImage
})
