import { Effect, Result } from "effect"
import { runHost, type SampleInput, sampleInput } from "../data/host/host.ts"
import type { ReadyStage } from "../data/host/opened.ts"
import { joinsSameImages, sameImages } from "../data/same-images.ts"
import type { RawSample, Source } from "../data/source.ts"
import type { SampleError } from "../pipeline/errors.ts"
import { digest, sha256 } from "../store/digest.ts"
import { eachSample } from "./each-sample.ts"

/** A picture of an evaluation: which sample of the source it is. */
export interface PictureItem {
  readonly index: number
  readonly id: string
  readonly group: number
}

/** A text of an evaluation, and the picture it was found with. */
export interface TextItem {
  readonly text: string
  readonly id: string
  readonly group: number
}

/** Everything that is retrieved, and what could not be used: by id and reason. */
export interface Items {
  readonly pictures: readonly PictureItem[]
  readonly texts: readonly TextItem[]
  readonly skipped: readonly { readonly id: string; readonly reason: string }[]
}

/** One caption as a sample of its own, for the host stages that read captions. */
export const textInput = ({ id, group, text }: TextItem): SampleInput => ({
  id,
  group,
  digest: Effect.sync(() => digest(["caption", text])),
  raw: Effect.succeed({ id, group, picture: new Uint8Array(0), captions: [text] } satisfies RawSample)
})

const usable = Effect.fnUntraced(function* (source: Source, host: readonly ReadyStage[], index: number) {
  const input = yield* sampleInput(source, index)
  const { id, group, captions, picture } = yield* input.raw
  yield* runHost(host, input, null)
  return { index, id, group, captions, digest: sha256(picture) }
})

/**
 * Lists a source's pictures and texts. Every picture goes through the host stages of `host` once, and one that cannot be used is
 * skipped by name, so that encoding meets no surprises. The same image counts once, with the texts of all samples that have it, unless
 * the source says that each sample is an image of its own; groups that have an image in common are one, and a text that a group has
 * twice counts once. `captions` is the most texts taken of each image.
 */
export const listItems: (source: Source, host: readonly ReadyStage[], captions?: number) => Effect.Effect<Items> = Effect.fn(
  "evaluate.listItems"
)(function* (source: Source, host: readonly ReadyStage[], captions = Number.POSITIVE_INFINITY) {
  const same = sameImages()
  const joins = joinsSameImages(source)
  const pictures = new Map<string, PictureItem & { taken: number }>()
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
      const image = joins ? digest : `${group} ${digest}`
      const picture = pictures.get(image) ?? { index, id, group, taken: 0 }
      pictures.set(image, picture)
      const some = result.success.captions.slice(0, captions - picture.taken)
      picture.taken += some.length
      for (const text of some) texts.push({ text, id, group })
    }
  )
  const known = new Set<string>()
  return {
    pictures: Array.from(pictures.values(), ({ index, id, group }) => ({ index, id, group: same.groupOf(group) })),
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
