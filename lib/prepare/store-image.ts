import { Effect } from "effect"
import type { Sharp } from "sharp"
import { decodeAll, decodeGuarded } from "../data/decode-guarded.ts"
import { acquireBuffer, releaseBuffer } from "../data/host/buffer-pool.ts"
import type { GuardedImage } from "../data/image-guard.ts"
import { hasEnd } from "../data/image-refusal.ts"
import { plainJpeg } from "../data/plain-jpeg.ts"
import { type Box, centreBox, wholeBox } from "../data/resample/box.ts"
import { resample } from "../data/resample/resample.ts"
import { type Size, storedSize } from "../data/stored-size.ts"
import { stripMetadata } from "../data/strip-metadata.ts"
import { type TurboJpeg, turboFor, turboPixels } from "../data/turbo-jpeg.ts"
import type { PrepareSettings } from "./prepare-settings.ts"

/** An image as stored in a shard; sizes in pixels. */
export interface StoredImage {
  readonly bytes: Uint8Array
  /** Extension of its member's name. */
  readonly ending: string
  readonly width: number
  readonly height: number
}

/** Returns the size at which an image is stored; nothing is enlarged. */
const sizeOf = ({ width, height }: Size, { resize, size }: Pick<PrepareSettings, "resize" | "size">): Size => {
  if (resize === "none") return { width, height }
  if (resize === "center-crop") {
    const square = Math.min(size, width, height)
    return { width: square, height: square }
  }
  return storedSize({ width, height }, size)
}

const endings = { jpeg: "jpg", png: "png", webp: "webp", gif: "gif", avif: "avif" } as const

/** Returns the part of an image that is scaled and stored. */
const boxOf = (size: Size, { resize }: Pick<PrepareSettings, "resize">): Box =>
  resize === "center-crop" ? centreBox(size) : wholeBox(size)

/**
 * Stores an image by libjpeg-turbo, with this project's scaling between its decoder and encoder: two thirds of libvips' time,
 * slightly less exact.
 */
const storeByTurbo = async (turbo: TurboJpeg, bytes: Buffer, size: Size, settings: PrepareSettings): Promise<StoredImage> => {
  const stored = sizeOf(size, settings)
  const pixels = await turboPixels(turbo, bytes, size)
  const scaled = resample({ ...size, data: pixels }, boxOf(size, settings), stored)
  releaseBuffer(pixels)
  const coding = { ...stored, subsampling: turbo.SAMP_420 }
  const room = acquireBuffer("uint8", turbo.bufferSize(coding))
  const coded = await turbo.compress(Buffer.from(scaled.buffer), Buffer.from(room.buffer), {
    ...coding,
    format: turbo.FORMAT_RGB,
    quality: settings.quality
  })
  const kept = Buffer.from(coded)
  releaseBuffer(scaled)
  releaseBuffer(room)
  return { bytes: kept, ending: "jpg", ...stored }
}

/** Stores an image by libvips. */
const storeByVips = (opened: Sharp, { width, height, orientation }: GuardedImage, settings: PrepareSettings) => {
  const stored = sizeOf({ width, height }, settings)
  const { x, y, ...square } = boxOf({ width, height }, settings)
  // Only the stored part is scaled. An image that is also rotated is cropped afterwards.
  const cutFirst = settings.resize === "center-crop" && orientation === 1 && width !== height
  // No optimised Huffman tables: they cost a pass over the coefficients for a few per cent of the size.
  return (cutFirst ? opened.extract({ left: x, top: y, ...square }) : opened)
    .flatten({ background: "#ffffff" })
    .resize(stored.width, stored.height, { fit: settings.resize === "center-crop" ? "cover" : "fill", kernel: "cubic" })
    .toColourspace("srgb")
    .jpeg({ quality: settings.quality, chromaSubsampling: "4:2:0", optimiseCoding: false })
    .toBuffer({ resolveWithObject: true })
    .then(({ data, info }): StoredImage => ({ bytes: data, ending: "jpg", width: info.width, height: info.height }))
}

/**
 * Prepares a guarded image for storage: upright, sRGB, opaque on white, without metadata, scaled by a cubic kernel, as JPEG with
 * 4:2:0 chroma. With `resize: "none"` it is not decoded, and loses its metadata only, except for an orientation that rotates it;
 * where its parts cannot be separated because they do not follow each other, it is decoded and encoded again.
 *
 * The reasons of a `SampleError` are those of `guardImage`.
 */
export const storeImage = Effect.fnUntraced(function* (id: string, guarded: GuardedImage, settings: PrepareSettings) {
  const { bytes, format, width, height, orientation } = guarded
  if (settings.resize === "none") {
    const stripped = stripMetadata(bytes, format, orientation)
    if (stripped !== undefined)
      return { bytes: stripped, ending: endings[format], width, height } satisfies StoredImage as StoredImage
  }
  // Rows below the central square would not be read.
  if (settings.resize === "center-crop" && !hasEnd(format, bytes)) yield* decodeAll(id, guarded, settings.limits)
  const turbo = turboFor(settings.transform, plainJpeg(bytes))
  const decoded = yield* decodeGuarded(id, guarded, settings.limits, {
    autoOrient: true,
    sequentialRead: true,
    make: (opened) => storeByVips(opened, guarded, settings),
    fast: turbo && (() => storeByTurbo(turbo, bytes, { width, height }, settings))
  })
  return decoded.made
})
