import { reasonKind } from "../data/reason.ts"
import { keyOf, type Outcome, textsOf } from "./outcome.ts"

/** Summary statistics of many numbers. */
export interface Summary {
  readonly count: number
  readonly least: number
  readonly mean: number
  readonly most: number
}

/** Counts by name, most frequent first. */
export interface Counts {
  readonly [name: string]: number
}

/** Statistics of a shard's samples. */
export interface ShardCounts {
  readonly read: number
  readonly samples: number
  readonly failed: number
  readonly filtered: number
  readonly duplicates: number
  /** Samples left out by kind of reason. */
  readonly reasons: Counts
}

/** A sample that is in no shard, as in the quarantine list. */
export interface QuarantineLine {
  readonly id: string
  readonly index: number
  readonly status: string
  readonly reason: string
}

/** Everything about a shard except its bytes. */
export interface ShardSummary {
  readonly counts: ShardCounts
  readonly images: { readonly width: Summary; readonly height: Summary; readonly bytes: Summary }
  readonly originals: { readonly width: Summary; readonly height: Summary }
  /** Number of texts per sample, and of characters per text. */
  readonly captions: { readonly perSample: Summary; readonly characters: Summary }
  readonly leftOut: readonly QuarantineLine[]
}

/** Returns the summary of numbers; zeros where there are none. */
export const summary = (numbers: readonly number[]): Summary => {
  if (numbers.length === 0) return { count: 0, least: 0, mean: 0, most: 0 }
  let [least, most, sum] = [numbers[0]!, numbers[0]!, 0]
  for (const each of numbers) {
    if (each < least) least = each
    if (each > most) most = each
    sum += each
  }
  return { count: numbers.length, least, mean: Math.round((1000 * sum) / numbers.length) / 1000, most }
}

/** Counts names, most frequent first, then by name. */
export const countsOf = (names: readonly string[]): Counts => {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)))
}

/** The part of an outcome from which a shard's `stats.json` is computed: no image's bytes. */
export interface SampleFigures {
  readonly outcome: Pick<Outcome, "status" | "index" | "id">
  readonly reason: string | null
  readonly image: readonly [width: number, height: number, bytes: number] | null
  readonly original: readonly [width: number, height: number] | null
  readonly captions: readonly number[]
}

/** Returns the figures of an outcome. */
export const figuresOf = (outcome: Outcome): SampleFigures => {
  const { status, index, id } = outcome
  const kept = outcome.status === "success" ? outcome : null
  const first = kept?.images[0]
  const original = outcome.status === "success" ? first?.original : outcome.original
  return {
    outcome: { status, index, id },
    reason: outcome.status === "success" ? null : outcome.reason,
    image: first ? [first.image.width, first.image.height, first.image.bytes.length] : null,
    original: original ? [original.width, original.height] : null,
    captions: kept ? textsOf(kept).map((text) => text.length) : []
  }
}

/** Returns the summary of a shard's samples. */
export const shardSummary = (all: readonly SampleFigures[]): ShardSummary => {
  const having = (status: Outcome["status"]) => all.filter(({ outcome }) => outcome.status === status).length
  const images = all.flatMap(({ image }) => (image ? [image] : []))
  const originals = all.flatMap(({ original }) => (original ? [original] : []))
  const kept = all.filter(({ outcome }) => outcome.status === "success")
  return {
    counts: {
      read: all.length,
      samples: kept.length,
      failed: having("failed"),
      filtered: having("filtered"),
      duplicates: having("duplicate"),
      reasons: countsOf(all.flatMap(({ reason }) => (reason === null ? [] : [reasonKind(reason)])))
    },
    images: {
      width: summary(images.map(([width]) => width)),
      height: summary(images.map(([, height]) => height)),
      bytes: summary(images.map(([, , bytes]) => bytes))
    },
    originals: { width: summary(originals.map(([width]) => width)), height: summary(originals.map(([, height]) => height)) },
    captions: {
      perSample: summary(kept.map(({ captions }) => captions.length)),
      characters: summary(kept.flatMap(({ captions }) => captions))
    },
    leftOut: all.flatMap(({ outcome: { id, index, status }, reason }) => (reason === null ? [] : [{ id, index, status, reason }]))
  }
}

/** Returns the name of a shard's files, without their extension: `shard-000000`. */
export const shardName = (shard: number): string => `shard-${keyOf(shard).slice(-Math.max(6, String(shard).length))}`
