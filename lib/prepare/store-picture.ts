import { Effect } from "effect"
import { type GuardedPicture, pictureRefusal } from "../data/picture-guard.ts"
import { pictureLoaders } from "../data/picture-loaders.ts"
import { stripMetadata } from "../data/strip-metadata.ts"
import { SampleError } from "../pipeline/errors.ts"
import type { PrepareSettings } from "./prepare-settings.ts"

/** A picture as a shard has it; sizes in pixels. */
export interface StoredPicture {
  readonly bytes: Uint8Array
  /** How its member's name ends. */
  readonly ending: string
  readonly width: number
  readonly height: number
}

/** A picture longer than this many times the wanted shorter side is scaled down to it, whatever its shorter side then is. */
const longest = 8

const side = (length: number): number => Math.max(1, Math.floor(length + 0.5))

/** The size that a picture is stored at; nothing is enlarged. */
export const storedSize = (
  { width, height }: { readonly width: number; readonly height: number },
  { resize, size }: Pick<PrepareSettings, "resize" | "size">
): { readonly width: number; readonly height: number } => {
  if (resize === "none") return { width, height }
  if (resize === "center-crop") {
    const square = Math.min(size, width, height)
    return { width: square, height: square }
  }
  const scale = Math.min(1, size / Math.min(width, height), (longest * size) / Math.max(width, height))
  return { width: side(width * scale), height: side(height * scale) }
}

const endings = { jpeg: "jpg", png: "png", webp: "webp", gif: "gif", avif: "avif" } as const

/**
 * A guarded picture made ready to be stored: upright, sRGB, opaque on white, without metadata, scaled by a cubic kernel, as JPEG
 * with 4:2:0 chroma. With `resize: "none"` it is not decoded, and loses its metadata only, but for an orientation that turns it.
 *
 * The reasons of a `SampleError` are those of `guardPicture`.
 */
export const storePicture = Effect.fnUntraced(function* (
  id: string,
  { bytes, format, width, height, orientation }: GuardedPicture,
  settings: PrepareSettings
) {
  if (settings.resize === "none") {
    const stripped = stripMetadata(bytes, format, orientation)
    if (stripped === undefined) return yield* new SampleError({ id, reason: "corrupt(parts that do not fit together)" })
    return { bytes: stripped, ending: endings[format], width, height } satisfies StoredPicture
  }
  const { maxPixels, timeoutSeconds, formats } = settings.limits
  const stored = storedSize({ width, height }, settings)
  const square = Math.min(width, height)
  // What is cut away need not be scaled. A picture that is turned as well is cut afterwards.
  const cutFirst = settings.resize === "center-crop" && orientation === 1 && width !== height
  const middle = { left: (width - square) >> 1, top: (height - square) >> 1, width: square, height: square }
  // No optimised Huffman tables: they cost a pass over the coefficients for a few per cent of the size.
  const { data, info } = yield* Effect.tryPromise({
    try: () => {
      const options = { limitInputPixels: maxPixels, failOn: "warning", autoOrient: true, sequentialRead: true } as const
      const loaded = pictureLoaders(formats)(bytes, options).timeout({ seconds: timeoutSeconds })
      return (cutFirst ? loaded.extract(middle) : loaded)
        .flatten({ background: "#ffffff" })
        .resize(stored.width, stored.height, { fit: settings.resize === "center-crop" ? "cover" : "fill", kernel: "cubic" })
        .toColourspace("srgb")
        .jpeg({ quality: settings.quality, chromaSubsampling: "4:2:0", optimiseCoding: false })
        .toBuffer({ resolveWithObject: true })
    },
    catch: (cause) => new SampleError({ id, reason: pictureRefusal(format, bytes, cause) })
  })
  return { bytes: data, ending: "jpg", width: info.width, height: info.height } satisfies StoredPicture
})
