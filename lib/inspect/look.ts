import { Effect } from "effect"
import { decodeAll } from "../data/decode-guarded.ts"
import { guardImage, type ImageLimits } from "../data/image-guard.ts"
import type { ImageFormat } from "../data/image-loaders.ts"
import { imageFields, plainFields, valueTexts } from "../data/sample-value.ts"
import { fieldsOf, type RawSample, type Source } from "../data/source.ts"
import { sha256 } from "../store/digest.ts"
import type { Fields } from "../tensor/field.ts"

/** Properties of a sample's image. */
export interface ImageLook {
  readonly format: ImageFormat
  /** Width after rotation by the EXIF orientation. */
  readonly width: number
  readonly height: number
  readonly bytes: number
  readonly turned: boolean
  /** True where only a tolerant decoder reads it; known only where all of it was decoded. */
  readonly tolerated: boolean
  /** SHA-256 of the encoded image. */
  readonly digest: string
}

/** Properties of one sample. */
export interface Look {
  /** The properties of its first image, where it has one. */
  readonly image: ImageLook | undefined
  /** Its captions, or the texts in its fields other than `label`. */
  readonly captions: readonly string[]
  readonly label: string | undefined
}

/** Returns the texts of a sample, except its label. */
export const textsOf = (fields: Fields, sample: RawSample<Fields>): readonly string[] =>
  plainFields(fields).flatMap((name) => (name === "label" ? [] : valueTexts(sample[name])))

/** Reads sample `index` and the properties of its images: from the header alone, or with `whole` by decoding every pixel. */
export const look = Effect.fnUntraced(function* (source: Source<Fields>, index: number, limits: ImageLimits, whole: boolean) {
  const sample = yield* source.sample(index)
  const fields = fieldsOf(source)
  const looks: ImageLook[] = []
  for (const name of imageFields(fields)) {
    const image = sample[name] as Uint8Array
    const guarded = yield* guardImage(sample.id, image, limits)
    const tolerated = whole && (yield* decodeAll(sample.id, guarded, limits)).tolerated
    const { format, width, height, turned } = guarded
    looks.push({ format, width, height, turned, tolerated, bytes: image.length, digest: sha256(image) })
  }
  const label = sample["label"]
  return {
    image: looks[0],
    captions: textsOf(fields, sample),
    label: typeof label === "string" ? label : undefined
  } satisfies Look
})
