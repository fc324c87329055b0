import { Effect } from "effect"
import { isKept, preparedKey } from "../data/host/host.ts"
import { madeFrom, type ReadyStage } from "../data/host/ready-stage.ts"
import type { Source } from "../data/source.ts"
import type { Json } from "../pipeline/stage.ts"
import type { Fields } from "../tensor/field.ts"

/** State of the cache for one host stage: the number of samples in it, and the reason why some are missing. */
export interface CacheState {
  readonly stage: string
  /** Number of samples that were looked up, evenly spaced over the source, and number of them found. */
  readonly probed: number
  readonly found: number
  readonly why: string
}

const paths = (value: Json, path: string): ReadonlyArray<readonly [string, string]> =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([name, part]) => paths(part as Json, path === "" ? name : `${path}.${name}`))
    : [[path, JSON.stringify(value)]]

/** Describes the differences between two plain values. */
const differences = (before: Json, now: Json): readonly string[] => {
  const [old, current] = [new Map(paths(before, "")), new Map(paths(now, ""))]
  return [...new Set([...old.keys(), ...current.keys()])]
    .filter((path) => old.get(path) !== current.get(path))
    .map((path) =>
      path === "asset"
        ? "what it opened (a vocabulary) is another"
        : `${path} was ${old.get(path) ?? "absent"}, is ${current.get(path) ?? "absent"}`
    )
}

const shownDifferences = 3

/** Returns the reason why none of a stage's results is cached: the difference from the most similar entry. */
const reasonOf = (ready: ReadyStage, remembered: ReadonlyMap<string, Json>): string => {
  if (remembered.has(ready.identity)) return "prepared before, but not these samples"
  const now = madeFrom(ready.stage, ready.asset)
  const nearest = [...remembered.values()].map((before) => differences(before, now)).sort((a, b) => a.length - b.length)[0]
  if (!nearest) return "nothing prepared yet"
  const more = nearest.length > shownDifferences ? [`${nearest.length - shownDifferences} more`] : []
  return [...nearest.slice(0, shownDifferences), ...more].join("; ")
}

/** Looks up, for every host stage, the cached values of up to `probes` samples; nothing is prepared or read. */
export const explainCache = Effect.fn("pipeline.explainCache")(function* (
  stages: readonly ReadyStage[],
  source: Source<Fields>,
  probes = 200
) {
  const count = Math.min(probes, source.count)
  const indices = Array.from({ length: count }, (_, i) => Math.floor((i * source.count) / count))
  const digests = yield* Effect.forEach(indices, (index) => Effect.option(source.sampleDigest(index)), { concurrency: 8 })
  const known = digests.flatMap((digest) => (digest._tag === "Some" ? [digest.value] : []))
  return yield* Effect.forEach(stages, (ready) =>
    Effect.gen(function* () {
      const stage = ready.stage.as
      if (!isKept(ready)) {
        return {
          stage,
          probed: 0,
          found: 0,
          why: `never kept: it reads '${ready.readsDrawn}', which is drawn anew`
        } satisfies CacheState
      }
      const found = known.filter((digest) => ready.cache.has(preparedKey(ready, digest))).length
      const why =
        found === known.length
          ? "all there"
          : found > 0
            ? "the others are not prepared yet"
            : reasonOf(ready, yield* ready.cache.remembered)
      return { stage, probed: known.length, found, why } satisfies CacheState
    })
  )
})
