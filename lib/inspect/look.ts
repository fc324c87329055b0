import { Effect } from "effect"
import { guardPicture, type PictureLimits, pictureRefusal } from "../data/picture-guard.ts"
import { type PictureFormat, pictureLoaders } from "../data/picture-loaders.ts"
import type { Source } from "../data/source.ts"
import { SampleError } from "../pipeline/errors.ts"
import { sha256 } from "../store/digest.ts"

/** What is to be known of one sample. */
export interface Look {
  readonly format: PictureFormat
  /** Upright. */
  readonly width: number
  readonly height: number
  readonly bytes: number
  readonly turned: boolean
  /** SHA-256 of the encoded picture. */
  readonly digest: string
  readonly captions: readonly string[]
}

/** Decodes every pixel and keeps none. */
const decodeAll = Effect.fnUntraced(function* (id: string, bytes: Buffer, format: PictureFormat, limits: PictureLimits) {
  yield* Effect.tryPromise({
    try: () =>
      pictureLoaders(limits.formats)(bytes, { limitInputPixels: limits.maxPixels, failOn: "warning" })
        .timeout({ seconds: limits.timeoutSeconds })
        .resize(16, 16, { fit: "fill", fastShrinkOnLoad: false })
        .raw()
        .toBuffer(),
    catch: (cause) => new SampleError({ id, reason: pictureRefusal(format, bytes, cause) })
  })
})

/** Reads sample `index` and looks at its picture: the header alone, or with `whole` every pixel. */
export const look = Effect.fnUntraced(function* (source: Source, index: number, limits: PictureLimits, whole: boolean) {
  const { id, picture, captions } = yield* source.sample(index)
  const { bytes, format, width, height, turned } = yield* guardPicture(id, picture, limits)
  if (whole) yield* decodeAll(id, bytes, format, limits)
  return { format, width, height, turned, bytes: picture.length, digest: sha256(picture), captions } satisfies Look
})
