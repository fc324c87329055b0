import { Effect, Result } from "effect"
import type { RawSample, Source } from "../data/source.ts"
import type { SampleError } from "../pipeline/errors.ts"
import { runHost, type SampleInput, sampleInput } from "../pipeline/host.ts"
import type { ReadyStage } from "../pipeline/opened.ts"
import { digest, sha256 } from "../store/digest.ts"

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

const concurrency = 8

/** One caption as a sample of its own, for the host stages that read captions. */
export const textInput = ({ id, group, text }: TextItem): SampleInput => ({
  id,
  group,
  digest: Effect.sync(() => digest(["caption", text])),
  raw: Effect.succeed({ id, group, picture: new Uint8Array(0), captions: [text] } satisfies RawSample)
})

const usable = Effect.fnUntraced(function* (source: Source, host: readonly ReadyStage[], index: number) {
  const input = yield* sampleInput(source, index)
  const raw = yield* input.raw
  yield* runHost(host, input, null)
  return { index, raw, digest: sha256(raw.picture) }
})

/**
 * Lists a source's pictures and texts. Every picture goes through the host stages of `host` once, and one that cannot be used is
 * skipped by name, so that encoding meets no surprises. Lists that repeat a picture for each caption count it once, and a text
 * that a group has twice counts once. `captions` is the most texts taken of each sample.
 */
export const listItems: (source: Source, host: readonly ReadyStage[], captions?: number) => Effect.Effect<Items> = Effect.fn(
  "evaluate.listItems"
)(function* (source: Source, host: readonly ReadyStage[], captions = Number.POSITIVE_INFINITY) {
  const pictures = new Map<string, PictureItem>()
  const texts = new Map<string, TextItem>()
  const skipped: { readonly id: string; readonly reason: string }[] = []
  for (let at = 0; at < source.count; at += 256) {
    const indices = Array.from({ length: Math.min(256, source.count - at) }, (_, i) => at + i)
    const read = yield* Effect.forEach(indices, (index) => Effect.result(usable(source, host, index)), { concurrency })
    for (const result of read) {
      if (Result.isFailure(result)) {
        skipped.push({ id: (result.failure satisfies SampleError).id, reason: result.failure.reason })
        continue
      }
      const { index, raw, digest } = result.success
      const picture = `${raw.group} ${digest}`
      if (!pictures.has(picture)) pictures.set(picture, { index, id: raw.id, group: raw.group })
      for (const text of raw.captions.slice(0, captions)) {
        const name = `${raw.group} ${text}`
        if (!texts.has(name)) texts.set(name, { text, id: raw.id, group: raw.group })
      }
    }
  }
  return { pictures: [...pictures.values()], texts: [...texts.values()], skipped }
})
