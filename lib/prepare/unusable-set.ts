import { join } from "node:path"
import { Effect } from "effect"
import { type BadSample, badCount, badLimit, frequentReasons, type TooManyBadSamples, tooManyBad } from "../data/bad-samples.ts"
import { reasonKind } from "../data/reason.ts"
import type { Source } from "../data/source.ts"
import { readFinished } from "./finished-shard.ts"
import { PrepareError } from "./prepare-error.ts"
import type { ShardSet } from "./shard-set.ts"

/**
 * Reasons of samples without usable texts: a list finds such entries when it is opened, folders and tars only when a sample is
 * read.
 */
const textFaults: ReadonlySet<string> = new Set(["no-caption", "not-utf8", "broken-json", "no-value", "wrong-value"])

/** True where a sample failed because of its text, and not of its image: dead links are usual in lists of images. */
export const isTextFault = (reason: string): boolean => textFaults.has(reasonKind(reason))

type Counted = Pick<Source, "name" | "count">

const ofSource = ({ name, count }: Counted): string => `of ${count} in ${name}`

/** Counts the samples of a source whose texts cannot be used, each once; returns the error once they exceed the budget. */
export const textWatch = (source: Counted) => {
  const count = badCount(ofSource(source), badLimit(source.count))
  return (failed: readonly BadSample[]): TooManyBadSamples | undefined =>
    count(failed.filter(({ reason }) => isTextFault(reason)))
}

/** Number of left-out samples whose reasons are read for a message. */
const mostLooked = 10_000

const leftOutOf = Effect.fnUntraced(function* (folders: readonly string[], shards: number, job: string) {
  const all: BadSample[] = []
  for (const folder of folders)
    for (let shard = 0; shard < shards && all.length < mostLooked; shard++)
      for (const { id, reason } of (yield* readFinished({ folder, shard, job }))?.leftOut ?? []) all.push({ id, reason })
  return all
})

/** The sets written from a source, and their folder. */
export interface WrittenSets {
  readonly source: Counted
  readonly job: string
  readonly shards: number
  readonly folders: readonly string[]
  readonly sets: readonly ShardSet[]
}

/**
 * Refuses shards if none of their samples was kept, by a `PrepareError`, and those of a source too many of whose texts cannot be
 * used, by `TooManyBadSamples`: they get no manifest and are thus no set.
 */
export const refuseUnusable = Effect.fn("prepare.refuseUnusable")(function* ({
  source,
  job,
  shards,
  folders,
  sets
}: WrittenSets) {
  const count = (isCounted: (kind: string) => boolean) =>
    sets.reduce(
      (sum, { counts }) =>
        sum + Object.entries(counts.reasons).reduce((own, [kind, each]) => own + (isCounted(kind) ? each : 0), 0),
      0
    )
  const faults = count(isTextFault)
  const isEmpty = sets.every(({ counts }) => counts.samples === 0)
  if (!isEmpty && faults <= badLimit(source.count)) return
  const leftOut = yield* leftOutOf(folders, shards, job)
  if (!isEmpty)
    return yield* tooManyBad(
      faults,
      leftOut.filter(({ reason }) => isTextFault(reason)),
      ofSource(source),
      badLimit(source.count)
    )
  const list = join(folders[0]!, sets[0]!.quarantine.name)
  const problem = `none of the ${source.count} samples of ${source.name} was kept (${list} names each): ${frequentReasons(leftOut)}`
  return yield* new PrepareError({ folder: folders[0]!, problem })
})
