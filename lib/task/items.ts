import { Effect, Result } from "effect"
import { runHost, type SampleInput, sampleInput } from "../data/host/host.ts"
import type { ReadyStage } from "../data/host/ready-stage.ts"
import { joinsSameImages, sameImages } from "../data/same-images.ts"
import type { RawSample, Source } from "../data/source.ts"
import type { SampleError } from "../pipeline/errors.ts"
import { digest, sha256 } from "../store/digest.ts"
import { eachSample } from "./each-sample.ts"

/** An image of an evaluation: the index of its sample in the source. */
export interface ImageItem {
  readonly index: number
  readonly id: string
  readonly group: number
}

/** A text of an evaluation, and the image that it belongs to. */
export interface TextItem {
  readonly text: string
  readonly id: string
  readonly group: number
}

/** Items to retrieve, and the samples that could not be used, by id and reason. */
export interface Items {
  readonly images: readonly ImageItem[]
  readonly texts: readonly TextItem[]
  readonly skipped: readonly { readonly id: string; readonly reason: string }[]
}

/** Makes a sample of one caption, for host stages that read captions. */
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
 * Lists a source's images and texts. Every image passes through the host stages `host` once; one that cannot be used is skipped
 * and recorded by id, so that encoding does not fail later. Identical images count once, with the texts of all their samples,
 * unless the source declares that each sample is an image of its own; groups with a common image are merged, and a text that a
 * group has twice counts once. `captions` is the maximum number of texts per image.
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
