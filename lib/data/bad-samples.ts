import { Schema } from "effect"
import { reasonDetail, reasonKind } from "./reason.ts"

/** A sample that was left out: its id, and the reason. */
export interface BadSample {
  readonly id: string
  /** The part of the batch that it was to be in, where that is not the main source's. */
  readonly part?: string
  readonly reason: string
}

/** Budget of bad samples, beyond which a run stops. */
export interface BadSampleBudget {
  /** Maximum number of consecutive bad samples in one place of a batch. */
  readonly inARow: number
  /** Bad samples of an epoch as a fraction of its samples: more than this … */
  readonly fraction: number
  /** … and more than this number. */
  readonly atLeast: number
}

export const budgetDefaults: BadSampleBudget = { inARow: 100, fraction: 0.01, atLeast: 10 }

/** Returns the number of bad samples allowed among `count` samples of an epoch, or entries of a list. */
export const badLimit = (count: number, { fraction, atLeast }: Omit<BadSampleBudget, "inARow"> = budgetDefaults): number =>
  Math.max(atLeast, Math.floor(fraction * count))

/** Too many samples are bad: their number, the number of all, and the most frequent reasons. */
export class TooManyBadSamples extends Schema.TaggedError<TooManyBadSamples>()("TooManyBadSamples", {
  bad: Schema.Int,
  limit: Schema.String,
  reasons: Schema.String
}) {
  override get message(): string {
    return `data: ${this.bad} samples could not be used (${this.limit}): ${this.reasons}`
  }
}

const shownReasons = 3

/** A kind of reason (the part before its details), its number of occurrences, and the first of them. */
export interface ReasonKind extends BadSample {
  readonly kind: string
  readonly count: number
}

/** Returns the kinds of reasons of bad samples, most frequent first. */
export const reasonKinds = (bad: Iterable<BadSample>): readonly ReasonKind[] => {
  const kinds = new Map<string, ReasonKind>()
  for (const { id, reason } of bad) {
    const kind = reasonKind(reason)
    const known = kinds.get(kind) ?? { kind, count: 0, id, reason }
    kinds.set(kind, { ...known, count: known.count + 1 })
  }
  return [...kinds.values()].sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1))
}

/** Maximum number of characters shown of a reason's details. */
const shownDetail = 160

const shortDetail = (reason: string): string => {
  const detail = reasonDetail(reason)
  return detail.length > shownDetail ? `${detail.slice(0, shownDetail)}…` : detail
}

/**
 * Formats the kinds of reasons of bad samples, most frequent first, each with an example: `17 × not-utf8 (cat.jpg: byte 0xe9 at
 * 3)`.
 */
export const frequentReasons = (bad: readonly BadSample[]): string => {
  const sorted = reasonKinds(bad)
  const shown = sorted.slice(0, shownReasons).map((each) => {
    const detail = shortDetail(each.reason)
    return `${each.count} × ${each.kind} (${each.id}${detail === "" ? "" : `: ${detail}`})`
  })
  return [...shown, ...(sorted.length > shownReasons ? [`${sorted.length - shownReasons} other reasons`] : [])].join(", ")
}

/** Returns the error for `bad` bad samples, with the reasons of some of them; `of` names the total, with its noun. */
export const tooManyBad = (bad: number, some: readonly BadSample[], of: string, limit: number): TooManyBadSamples =>
  new TooManyBadSamples({ bad, limit: `${of}; the limit is ${limit}`, reasons: frequentReasons(some) })

/** Counts bad samples, each once; returns the error once there are more than the limit. */
export const badCount = (of: string, limit: number) => {
  const known = new Map<string, BadSample>()
  return (bad: readonly BadSample[]): TooManyBadSamples | undefined => {
    for (const each of bad) known.set(each.id, each)
    return known.size > limit ? tooManyBad(known.size, [...known.values()], of, limit) : undefined
  }
}

/**
 * Counts the bad samples of an epoch of `count` samples, each once; returns the error once there are too many.
 *
 * The count restarts with each epoch, and where a run resumes.
 */
export const badSampleWatch = (count: number, budget: BadSampleBudget = budgetDefaults, part?: string) => {
  const whose = part === undefined ? "" : ` of the part '${part}'`
  const countOf = (epoch: number) => ({ epoch, add: badCount(`of ${count}${whose} in epoch ${epoch}`, badLimit(count, budget)) })
  let current = countOf(-1)
  return (epoch: number, bad: readonly BadSample[]): TooManyBadSamples | undefined => {
    if (epoch !== current.epoch) current = countOf(epoch)
    return current.add(bad)
  }
}
