import { Effect } from "effect"
import { isKept } from "../data/host/host.ts"
import { inShardOf, type ReadyStage } from "../data/host/ready-stage.ts"
import { guardImage } from "../data/image-guard.ts"
import { reasonDetail, reasonKind } from "../data/reason.ts"
import { imageFields, plainFields } from "../data/sample-value.ts"
import type { RawSample, Source } from "../data/source.ts"
import { oneLine } from "../error/one-line.ts"
import { SampleError } from "../pipeline/errors.ts"
import type { Fields } from "../tensor/field.ts"
import { captionsIn, sizeFault } from "./filters.ts"
import type { KeptHalves, KeptImage, Outcome } from "./outcome.ts"
import type { PrepareSettings } from "./prepare-settings.ts"
import { failedInput, imageDigests, sampleInput } from "./sample-input.ts"
import { storeImage } from "./store-image.ts"

/**
 * Returns the host stages whose preprocessing is stored in shards: those that have `inShard`, and read the source's fields only.
 */
export const stagesInShards = (stages: readonly ReadyStage[]): readonly ReadyStage[] =>
  stages.filter((ready) => inShardOf(ready.stage) !== undefined && isKept(ready))

const failedIn = (id: string, as: string) => (cause: unknown) =>
  new SampleError({ id, reason: `failed(${as}: ${oneLine(cause)})` })

const keptHalves = Effect.fnUntraced(function* (stages: readonly ReadyStage[], raw: RawSample<Fields>) {
  const kept: Record<string, unknown> = {}
  for (const { stage, identity, prepare } of stages) {
    const failed = failedIn(raw.id, stage.as)
    const prepared = yield* prepare({ ...raw, group: Int32Array.of(raw.group) }).pipe(
      Effect.catchDefect((defect) => Effect.fail(failed(defect)))
    )
    kept[identity] = yield* Effect.try({ try: () => inShardOf(stage)!(prepared), catch: failed })
  }
  return kept as KeptHalves
})

/**
 * Returns the reason why an image cannot be used, with its field where that is not `image`: `truncated(secondImage: 300 bytes)`.
 */
const imageReason = (field: string, reason: string): string => {
  if (field === "image") return reason
  const detail = reasonDetail(reason)
  return `${reasonKind(reason)}(${field}${detail === "" ? "" : `: ${detail}`})`
}

/**
 * Returns the function that prepares one sample of a source for a shard, which stores the values of `fields`. It never fails: the
 * outcome of a sample that cannot be used is `failed` with the reason, that of one excluded by a filter `filtered`.
 */
export const samplePreparer = (
  source: Source<Fields>,
  fields: Fields,
  stages: readonly ReadyStage[],
  settings: PrepareSettings
) => {
  const own = stagesInShards(stages)
  const [images, plain] = [imageFields(fields), plainFields(fields)]
  const guarded = (raw: RawSample<Fields>, field: string) =>
    Effect.map(guardImage(raw.id, raw[field] as Uint8Array, settings.limits), (image) => ({ field, image })).pipe(
      Effect.mapError(({ id, reason }) => new SampleError({ id, reason: imageReason(field, reason) }))
    )
  return Effect.fnUntraced(function* (index: number) {
    const id = source.id(index)
    const read = yield* Effect.result(source.sample(index))
    if (read._tag === "Failure") {
      const { reason } = read.failure
      return { status: "failed", index, id, reason, input: failedInput(id, reason) } satisfies Outcome
    }
    const raw = read.success
    const lacking = [...images, ...plain].find((name) => raw[name] === undefined)
    if (lacking !== undefined) {
      const reason = `no-value(${lacking})`
      return { status: "failed", index, id, reason, input: failedInput(id, reason) } satisfies Outcome
    }
    const digests = imageDigests(fields, raw)
    const input = sampleInput(fields, raw, digests)
    const prepared = Effect.gen(function* () {
      const found = yield* Effect.forEach(images, (field) => guarded(raw, field))
      const sizes = found.map(({ image: { width, height } }) => ({ width, height }))
      const values = Object.fromEntries(plain.map((name) => [name, raw[name]]))
      if (Object.hasOwn(values, "captions"))
        values["captions"] = captionsIn(values["captions"] as readonly string[], settings.filters)
      const sizeReason = sizes.flatMap((size, n) => {
        const fault = sizeFault(size, settings.filters)
        return fault === undefined ? [] : [imageReason(images[n]!, fault)]
      })[0]
      const isMute = (values["captions"] as readonly string[] | undefined)?.length === 0
      const fault = sizeReason ?? (isMute ? "language" : undefined)
      const [original] = sizes
      if (fault !== undefined)
        return { status: "filtered", index, id, reason: fault, ...(original ? { original } : {}), input } satisfies Outcome
      const stored: KeptImage[] = []
      for (const [n, { field, image }] of found.entries()) {
        const kept = yield* storeImage(id, image, settings).pipe(
          Effect.mapError(({ reason }) => new SampleError({ id, reason: imageReason(field, reason) }))
        )
        stored.push({ field, image: kept, original: sizes[n]!, sha256: digests[n]! })
      }
      const kept = yield* keptHalves(own, { ...raw, ...values })
      const outcome: Outcome = { status: "success", index, id, group: raw.group, values, images: stored, input, kept }
      return outcome
    })
    return yield* Effect.catch(prepared, ({ reason }) => Effect.succeed<Outcome>({ status: "failed", index, id, reason, input }))
  })
}
