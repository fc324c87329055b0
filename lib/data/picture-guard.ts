import { Effect } from "effect"
import { SampleError } from "../pipeline/errors.ts"
import { type Strictness, strictThenTolerant } from "./decode-guarded.ts"
import { jpegHeader } from "./jpeg-header.ts"
import { isPictureFormat, type PictureFormat, pictureLoaders, safeFormats, sniffFormat } from "./picture-loaders.ts"
import { riffBytes } from "./picture-refusal.ts"

/** Bounds on untrusted pictures. */
export interface PictureLimits {
  /** Encoded bytes. */
  readonly maxBytes: number
  /** Width × height, as the header says. */
  readonly maxPixels: number
  readonly timeoutSeconds: number
  /** What is done with a picture of several frames; of a GIF, where it is allowed, the first frame is always taken. */
  readonly animated: "refuse" | "first-frame"
  readonly formats: readonly PictureFormat[]
}

export const pictureLimits: PictureLimits = {
  maxBytes: 64 * 2 ** 20,
  maxPixels: 40_000_000,
  timeoutSeconds: 30,
  animated: "refuse",
  formats: safeFormats
}

/** A picture whose first bytes and header are within the limits; its pixels may be damaged still. */
export interface GuardedPicture {
  readonly bytes: Buffer
  readonly format: PictureFormat
  /** Upright: after its EXIF orientation was applied. */
  readonly width: number
  readonly height: number
  readonly frames: number
  /** The EXIF orientation, 1 to 8; 1 for none. */
  readonly orientation: number
  /** Whether the EXIF orientation turns or mirrors it. */
  readonly turned: boolean
}

/**
 * What stands before every decoder of untrusted pictures: format by first bytes, size in bytes, then what the header says of pixels
 * and frames. No pixel is decoded.
 *
 * The reasons of a `SampleError`: empty · too-large(n bytes) · unsupported-format(found) · too-many-pixels(w×h) · animated(n frames)
 * · truncated · corrupt(message) · timeout.
 */
export const guardPicture = Effect.fnUntraced(function* (id: string, picture: Uint8Array, limits: PictureLimits = pictureLimits) {
  const { maxBytes, maxPixels, timeoutSeconds, animated, formats } = limits
  const refuse = (reason: string) => new SampleError({ id, reason })
  if (picture.length === 0) return yield* refuse("empty")
  if (picture.length > maxBytes) return yield* refuse(`too-large(${picture.length} bytes)`)
  const format = sniffFormat(picture)
  if (!isPictureFormat(format, formats)) return yield* refuse(`unsupported-format(${format})`)
  const bytes = Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength)
  // Before libvips sees it: see `riffBytes`.
  if (format === "webp" && riffBytes(bytes) > bytes.length) return yield* refuse("truncated")
  const quick = format === "jpeg" ? jpegHeader(bytes) : undefined
  if (quick !== undefined) {
    if (quick.width * quick.height > maxPixels) return yield* refuse(`too-many-pixels(${quick.width}×${quick.height})`)
    return { bytes, format, ...quick, frames: 1, orientation: 1, turned: false } satisfies GuardedPicture
  }
  const header = (failOn: Strictness) => pictureLoaders(formats)(bytes, { limitInputPixels: false, failOn }).metadata()
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
  return { bytes, format, width, height, frames, orientation, turned: orientation > 1 } satisfies GuardedPicture
})
