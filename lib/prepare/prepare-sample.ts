import { Effect } from "effect"
import { isKept } from "../data/host/host.ts"
import { inShardOf, type ReadyStage } from "../data/host/ready-stage.ts"
import { guardImage } from "../data/image-guard.ts"
import type { RawSample, Source } from "../data/source.ts"
import { oneLine } from "../error/one-line.ts"
import { SampleError } from "../pipeline/errors.ts"
import { sha256 } from "../store/digest.ts"
import { captionsIn, sizeFault } from "./filters.ts"
import type { KeptHalves, Outcome } from "./outcome.ts"
import type { PrepareSettings } from "./prepare-settings.ts"
import { failedInput, sampleInput } from "./sample-input.ts"
import { storeImage } from "./store-image.ts"

/** The host stages whose prepared halves are kept in shards: those that say what to keep, and read the source's fields only. */
export const stagesInShards = (stages: readonly ReadyStage[]): readonly ReadyStage[] =>
  stages.filter((ready) => inShardOf(ready.stage) !== undefined && isKept(ready))

const failedIn = (id: string, as: string) => (cause: unknown) =>
  new SampleError({ id, reason: `failed(${as}: ${oneLine(cause)})` })

const keptHalves = Effect.fnUntraced(function* (stages: readonly ReadyStage[], raw: RawSample) {
  const kept: Record<string, unknown> = {}
  for (const { stage, identity, prepare } of stages) {
    const values = { id: raw.id, group: Int32Array.of(raw.group), image: raw.image, captions: raw.captions }
    const failed = failedIn(raw.id, stage.as)
    const prepared = yield* prepare(values).pipe(Effect.catchDefect((defect) => Effect.fail(failed(defect))))
    kept[identity] = yield* Effect.try({ try: () => inShardOf(stage)!(prepared), catch: failed })
  }
  return kept as KeptHalves
})

/**
 * What makes one sample of a source ready for a shard: it never fails, for what cannot be used has `failed` and its reason as its
 * outcome, and what a filter leaves out `filtered`.
 */
export const samplePreparer = (source: Source, stages: readonly ReadyStage[], settings: PrepareSettings) => {
  const own = stagesInShards(stages)
  return Effect.fnUntraced(function* (index: number) {
    const id = source.id(index)
    const read = yield* Effect.result(source.sample(index))
    if (read._tag === "Failure") {
      const { reason } = read.failure
      return { status: "failed", index, id, reason, input: failedInput(id, reason) } satisfies Outcome
    }
    const raw = read.success
    const imageDigest = sha256(raw.image)
    const input = sampleInput(raw, imageDigest)
    const prepared = Effect.gen(function* () {
      const guarded = yield* guardImage(id, raw.image, settings.limits)
      const original = { width: guarded.width, height: guarded.height }
      const captions = captionsIn(raw.captions, settings.filters)
      const fault = sizeFault(original, settings.filters) ?? (captions.length === 0 ? "language" : undefined)
      if (fault !== undefined) return { status: "filtered", index, id, reason: fault, original, input } satisfies Outcome
      const image = yield* storeImage(id, guarded, settings)
      const kept = yield* keptHalves(own, { ...raw, captions })
      const outcome: Outcome = {
        status: "success",
        index,
        id,
        group: raw.group,
        captions,
        image,
        original,
        sha256: imageDigest,
        input,
        kept
      }
      return outcome
    })
    return yield* Effect.catch(prepared, ({ reason }) => Effect.succeed<Outcome>({ status: "failed", index, id, reason, input }))
  })
}
