import { Effect } from "effect"
import { decodeAll } from "../data/decode-guarded.ts"
import { guardImage, type ImageLimits } from "../data/image-guard.ts"
import type { ImageFormat } from "../data/image-loaders.ts"
import type { Source } from "../data/source.ts"
import { sha256 } from "../store/digest.ts"

/** What is to be known of one sample. */
export interface Look {
  readonly format: ImageFormat
  /** Upright. */
  readonly width: number
  readonly height: number
  readonly bytes: number
  readonly turned: boolean
  /** Whether only a tolerant decoder reads it, where all of it was decoded. */
  readonly tolerated: boolean
  /** SHA-256 of the encoded image. */
  readonly digest: string
  readonly captions: readonly string[]
}

/** Reads sample `index` and looks at its image: the header alone, or with `whole` every pixel. */
export const look = Effect.fnUntraced(function* (source: Source, index: number, limits: ImageLimits, whole: boolean) {
  const { id, image, captions } = yield* source.sample(index)
  const guarded = yield* guardImage(id, image, limits)
  const tolerated = whole && (yield* decodeAll(id, guarded, limits)).tolerated
  const { format, width, height, turned } = guarded
  return { format, width, height, turned, tolerated, bytes: image.length, digest: sha256(image), captions } satisfies Look
})
