import { Effect, Result } from "effect"
import { runHost, type SampleInput, sampleInput } from "../data/host/host.ts"
import type { ReadyStage } from "../data/host/ready-stage.ts"
import { joinsSameImages, sameImages } from "../data/same-images.ts"
import type { RawSample, Source } from "../data/source.ts"
import type { SampleError } from "../pipeline/errors.ts"
import { digest, sha256 } from "../store/digest.ts"
import { eachSample } from "./each-sample.ts"

/** An image of an evaluation: which sample of the source it is. */
export interface ImageItem {
  readonly index: number
  readonly id: string
  readonly group: number
}

/** A text of an evaluation, and the image it was found with. */
export interface TextItem {
  readonly text: string
  readonly id: string
  readonly group: number
}

/** Everything that is retrieved, and what could not be used: by id and reason. */
export interface Items {
  readonly images: readonly ImageItem[]
  readonly texts: readonly TextItem[]
  readonly skipped: readonly { readonly id: string; readonly reason: string }[]
}

/** One caption as a sample of its own, for the host stages that read captions. */
export const textInput = ({ id, group, text }: TextItem): SampleInput => ({
  id,
  group,
  digest: Effect.sync(() => digest(["caption", text])),
  raw: Effect.succeed({ id, group, image: new Uint8Array(0), captions: [text] } satisfies RawSample),
  tensors: []
})

const usable = Effect.fnUntraced(function* (source: Source, host: readonly ReadyStage[], index: number) {
  const input = yield* sampleInput(source, index)
  const { id, group, captions, image } = yield* input.raw
  yield* runHost(host, input, null)
  return { index, id, group, captions, digest: sha256(image) }
})

/**
 * Lists a source's images and texts. Every image goes through the host stages of `host` once, and one that cannot be used is
 * skipped by name, so that encoding meets no surprises. The same image counts once, with the texts of all samples that have it, unless
 * the source says that each sample is an image of its own; groups that have an image in common are one, and a text that a group has
 * twice counts once. `captions` is the most texts taken of each image.
 */
export const listItems: (source: Source, host: readonly ReadyStage[], captions?: number) => Effect.Effect<Items> = Effect.fn(
  "evaluate.listItems"
)(function* (source: Source, host: readonly ReadyStage[], captions = Number.POSITIVE_INFINITY) {
  const same = sameImages()
  const joins = joinsSameImages(source)
  const images = new Map<string, ImageItem & { taken: number }>()
  const texts: TextItem[] = []
  const skipped: { readonly id: string; readonly reason: string }[] = []
  yield* eachSample(
    source.count,
    (index) => usable(source, host, index),
    (result) => {
      if (Result.isFailure(result)) {
        skipped.push({ id: (result.failure satisfies SampleError).id, reason: result.failure.reason })
        return
      }
      const { index, id, group, digest } = result.success
      if (joins) same.see(group, digest)
      const key = joins ? digest : `${group} ${digest}`
      const image = images.get(key) ?? { index, id, group, taken: 0 }
      images.set(key, image)
      const some = result.success.captions.slice(0, captions - image.taken)
      image.taken += some.length
      for (const text of some) texts.push({ text, id, group })
    }
  )
  const known = new Set<string>()
  return {
    images: Array.from(images.values(), ({ index, id, group }) => ({ index, id, group: same.groupOf(group) })),
    texts: texts.flatMap((item) => {
      const group = same.groupOf(item.group)
      const name = `${group} ${item.text}`
      if (known.has(name)) return []
      known.add(name)
      return [{ ...item, group }]
    }),
    skipped
  }
})
