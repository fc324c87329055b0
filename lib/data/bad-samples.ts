import { Schema } from "effect"

/** A sample that was left out: its id, and why. */
export interface BadSample {
  readonly id: string
  readonly reason: string
}

/** When a run stops because of samples that cannot be used. */
export interface BadSampleBudget {
  /** So many, one after the other in one place of a batch. */
  readonly inARow: number
  /** More than this part of an epoch … */
  readonly fraction: number
  /** … and more than this many. */
  readonly atLeast: number
}

export const budgetDefaults: BadSampleBudget = { inARow: 100, fraction: 0.01, atLeast: 10 }

/** The most bad ones among `count` samples of an epoch, or entries of a list, that are borne. */
export const badLimit = (count: number, { fraction, atLeast }: Omit<BadSampleBudget, "inARow"> = budgetDefaults): number =>
  Math.max(atLeast, Math.floor(fraction * count))

/** Too many samples cannot be used: how many, of how many, and the most frequent reasons. */
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

/** A kind of reason (what stands before its details), how often there was one, and the first of them. */
export interface ReasonKind extends BadSample {
  readonly kind: string
  readonly count: number
}

/** The kinds of reasons of bad samples, most frequent first. */
export const reasonKinds = (bad: Iterable<BadSample>): readonly ReasonKind[] => {
  const kinds = new Map<string, ReasonKind>()
  for (const { id, reason } of bad) {
    const kind = reason.split("(", 1)[0]!
    const known = kinds.get(kind) ?? { kind, count: 0, id, reason }
    kinds.set(kind, { ...known, count: known.count + 1 })
  }
  return [...kinds.values()].sort((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1))
}

/** Letters that are shown of a reason's details. */
const shownDetail = 160

/** What stands behind the kind of a reason, in brackets. */
const detailOf = ({ kind, reason }: ReasonKind): string => {
  const detail = reason.slice(kind.length + 1, reason.endsWith(")") ? -1 : undefined)
  return detail.length > shownDetail ? `${detail.slice(0, shownDetail)}…` : detail
}

/** The kinds of reasons of bad samples, most frequent first, each with an example: `17 × not-utf8 (cat.jpg: byte 0xe9 at 3)`. */
export const frequentReasons = (bad: readonly BadSample[]): string => {
  const sorted = reasonKinds(bad)
  const shown = sorted.slice(0, shownReasons).map((each) => {
    const detail = detailOf(each)
    return `${each.count} × ${each.kind} (${each.id}${detail === "" ? "" : `: ${detail}`})`
  })
  return [...shown, ...(sorted.length > shownReasons ? [`${sorted.length - shownReasons} other reasons`] : [])].join(", ")
}

/**
 * Counts the bad samples of an epoch of `count` samples, each once; gives the error once there are too many.
 *
 * The count starts anew with each epoch, and where a run resumes.
 */
export const badSampleWatch = (count: number, budget: BadSampleBudget = budgetDefaults) => {
  const limit = badLimit(count, budget)
  let current = { epoch: -1, bad: new Map<string, BadSample>() }
  return (epoch: number, bad: readonly BadSample[]): TooManyBadSamples | undefined => {
    if (epoch !== current.epoch) current = { epoch, bad: new Map() }
    for (const each of bad) current.bad.set(each.id, each)
    if (current.bad.size <= limit) return undefined
    const all = [...current.bad.values()]
    return new TooManyBadSamples({
      bad: all.length,
      limit: `of ${count} in epoch ${epoch}; the limit is ${limit}`,
      reasons: frequentReasons(all)
    })
  }
}
