import { Effect } from "effect"
import { decodeAll } from "../data/decode-guarded.ts"
import { guardPicture, type PictureLimits } from "../data/picture-guard.ts"
import type { PictureFormat } from "../data/picture-loaders.ts"
import type { Source } from "../data/source.ts"
import { sha256 } from "../store/digest.ts"

/** What is to be known of one sample. */
export interface Look {
  readonly format: PictureFormat
  /** Upright. */
  readonly width: number
  readonly height: number
  readonly bytes: number
  readonly turned: boolean
  /** Whether only a tolerant decoder reads it, where all of it was decoded. */
  readonly tolerated: boolean
  /** SHA-256 of the encoded picture. */
  readonly digest: string
  readonly captions: readonly string[]
}

/** Reads sample `index` and looks at its picture: the header alone, or with `whole` every pixel. */
export const look = Effect.fnUntraced(function* (source: Source, index: number, limits: PictureLimits, whole: boolean) {
  const { id, picture, captions } = yield* source.sample(index)
  const guarded = yield* guardPicture(id, picture, limits)
  const tolerated = whole && (yield* decodeAll(id, guarded, limits)).tolerated
  const { format, width, height, turned } = guarded
  return { format, width, height, turned, tolerated, bytes: picture.length, digest: sha256(picture), captions } satisfies Look
})
