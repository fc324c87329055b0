import { Effect, Result } from "effect"
import { firstSeen } from "../data/first-seen.ts"
import { type ImageLimits, imageLimits } from "../data/image-guard.ts"
import { joinIssues, type ReadIssue } from "../data/read-issues.ts"
import { openByteStore } from "../data/shards/byte-store.ts"
import { readManifest, readShardList } from "../data/shards/manifest.ts"
import { fieldsOf, type Source } from "../data/source.ts"
import { beginProgress, type Progress, type ProgressOutput } from "../log/progress.ts"
import { derive, key } from "../random/key.ts"
import { permutation } from "../random/permutation.ts"
import { sha256 } from "../store/digest.ts"
import { type Fields, fieldsText } from "../tensor/field.ts"
import { many } from "./amount.ts"
import type { Fault, Inspection } from "./inspection.ts"
import { look } from "./look.ts"
import { sampleImages } from "./sample-images.ts"
import { shardFacts } from "./shard-facts.ts"
import { shardFaults } from "./shard-faults.ts"
import { summary } from "./summary.ts"

export interface InspectOptions {
  /** Maximum number of samples that are read, drawn at random, the same ones every time; all with `lint`. */
  readonly limit: number
  /** True to show images and captions. */
  readonly samples: boolean
  /** True to decode every pixel and verify every digest. */
  readonly lint: boolean
  readonly limits?: ImageLimits
  readonly progress?: ProgressOutput
}

/** Number of samples read concurrently, since disks and decoders have latency. */
const atOnce = 8
/** Number of samples read between two reports of progress. */
const chunk = 256

/** Returns the places of the samples that are read, in their order. */
const placesOf = (count: number, limit: number): ((i: number) => number) => {
  if (limit >= count) return (i) => i
  const at = permutation(derive(key(0), "inspect", "looked"), count)
  const chosen = Float64Array.from({ length: limit }, (_, i) => at(i)).sort()
  return (i) => chosen[i]!
}

const groupsOf = (source: Source<Fields>): number => {
  const groups = new Set<number>()
  for (let index = 0; index < source.count; index++) groups.add(source.group(index))
  return groups.size
}

/** Reads the facts of the shard set at a location, and with `lint` its faults; nothing for any other source. */
const shardsAt = Effect.fnUntraced(function* (location: string, lint: boolean, progress: Progress) {
  const store = openByteStore({ retries: 2 })
  const folder = location.replace(/\/manifest\.json$/, "").replace(/(?<=[^/])\/+$/, "")
  const manifest = yield* Effect.option(readManifest(store, folder))
  if (manifest._tag === "None") return {}
  const facts = yield* shardFacts(store, folder, manifest.value)
  const broken: Fault[] =
    facts.brokenLines > 0 ? [{ where: "quarantine.jsonl", what: many(facts.brokenLines, "broken line") }] : []
  if (!lint) return { facts, faults: broken }
  const list = yield* readShardList(store, folder, manifest.value)
  const total = list.names.length
  const faults = yield* shardFaults(store, folder, manifest.value, list, (done) =>
    progress.update({ label: "verify", done, total, unit: "shard" })
  )
  return { facts, faults: [...faults, ...broken] }
})

/**
 * Reads samples of a source and returns a description of its content. A sample that cannot be used is counted by its reason; with
 * `lint` each of these is a fault as well, and all samples are decoded completely.
 */
export const inspectSource = Effect.fn("inspect.inspectSource")(function* (source: Source<Fields>, options: InspectOptions) {
  const { lint, limits = imageLimits } = options
  const looked = lint ? source.count : Math.min(source.count, options.limit)
  const progress = yield* beginProgress(options.progress)
  const { facts, faults: ofShards = [] } = yield* shardsAt(source.name, lint, progress)
  const place = placesOf(source.count, looked)
  const collected = summary(source)
  const faults: Fault[] = [...ofShards]
  const tell = (issues: readonly ReadIssue[]) => {
    for (const { kind, reason, count, first } of issues)
      if (kind === "bad") faults.push({ where: first, what: `${reason}${count > 1 ? `, and ${count - 1} more` : ""}` })
  }
  tell(source.issues)
  const ids = firstSeen()
  for (let from = 0; from < looked; from += chunk) {
    const places = Array.from({ length: Math.min(chunk, looked - from) }, (_, i) => place(from + i))
    const looks = yield* Effect.forEach(places, (index) => Effect.result(look(source, index, limits, lint)), {
      concurrency: atOnce
    })
    looks.forEach((found, i) => {
      const index = places[i]!
      const id = source.id(index)
      if (lint && ids.see(index, sha256(id)) !== index) faults.push({ where: id, what: "the id of an earlier sample too" })
      if (Result.isSuccess(found)) {
        collected.add(index, found.success)
        return
      }
      collected.fail(index, found.failure.reason)
      if (lint) faults.push({ where: id, what: found.failure.reason })
    })
    yield* progress.update({ label: "inspect", done: from + places.length, total: looked, unit: "sample" })
  }
  const found = source.found?.() ?? []
  tell(found)
  const inspection: Inspection = {
    name: source.name,
    digest: source.digest,
    count: source.count,
    looked,
    fields: fieldsText(fieldsOf(source)),
    groups: groupsOf(source),
    ...collected.result(),
    issues: found.length > 0 ? joinIssues(source.issues, found) : source.issues,
    ...(facts ? { shards: facts } : {}),
    ...(lint ? { faults } : {}),
    samples: options.samples ? yield* sampleImages(source, limits) : [],
    credits: source.credits
  }
  return inspection
}, Effect.scoped)
