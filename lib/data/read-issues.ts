import { badLimit } from "./bad-samples.ts"

/**
 * Kinds of issues in a user's data: `bad` is an entry that should have been a sample and cannot be used, `noted` one that is used
 * although the way it is written is doubtful, `ignored` something that is not an entry at all (a file manager's files, other
 * members).
 */
export type IssueKind = "bad" | "noted" | "ignored"

/** A reason why entries of a source are left out or doubtful. */
export interface ReadIssue {
  readonly kind: IssueKind
  /** The reason in the data's own terms, without a caption. */
  readonly reason: string
  readonly count: number
  /** Location of the first one: a line, an entry, a member. */
  readonly first: string
}

/** Collects issues while a source is opened. */
export interface IssueCollector {
  readonly bad: (reason: string, first: string, count?: number) => undefined
  readonly noted: (reason: string, first: string, count?: number) => undefined
  readonly ignored: (reason: string, first: string, count?: number) => undefined
  /** Returns the number of issues of one kind so far. */
  readonly count: (kind: IssueKind) => number
  /** Returns all issues: bad ones first, then noted ones; the most frequent first. */
  readonly all: () => readonly ReadIssue[]
  /** Returns a message where more entries are bad than the budget allows, or all of them. */
  readonly refusal: (counts: EntryCounts) => string | undefined
}

/** Counts of a source's entries, and words for the message that refuses it. */
export interface EntryCounts {
  /** Number of good and bad entries. */
  readonly entries: number
  /** Number of good entries, or whether there are any. */
  readonly used: number
  /** Noun for the entries, in the plural. */
  readonly noun: string
  /** Advice on the bad entries. */
  readonly hint?: string | undefined
}

/** Maximum number of distinct reasons kept of a kind; further ones are counted together. */
const mostReasons = 32
const longestReason = 200
const kinds: readonly IssueKind[] = ["bad", "noted", "ignored"]
const shown = 3

const sorted = (issues: readonly ReadIssue[]): readonly ReadIssue[] =>
  [...issues].sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || b.count - a.count || (a.reason < b.reason ? -1 : 1))

/**
 * Formats reasons with their counts and first locations, `2 × caption is null (entry 3), 1 × …`; those beyond `most` are counted.
 */
export const issuesText = (issues: readonly ReadIssue[], most = shown): string => {
  const texts = issues.slice(0, most).map(({ reason, count, first }) => `${count} × ${reason} (${first})`)
  const more = issues.length - texts.length
  return [...texts, ...(more > 0 ? [`${more} other reason${more === 1 ? "" : "s"}`] : [])].join(", ")
}

/** Returns a collector of issues, whose memory is bounded for any number of them. */
export const readIssues = (): IssueCollector => {
  const known = new Map<string, { kind: IssueKind; reason: string; count: number; first: string }>()
  const reasons = { bad: 0, noted: 0, ignored: 0 }
  const counts = { bad: 0, noted: 0, ignored: 0 }
  const add =
    (kind: IssueKind) =>
    (given: string, first: string, count = 1): undefined => {
      counts[kind] += count
      const found = known.get(`${kind} ${given}`)
      if (found) {
        found.count += count
        return undefined
      }
      const reason = reasons[kind] < mostReasons ? given.slice(0, longestReason) : "other reasons"
      const same = known.get(`${kind} ${reason}`)
      if (same) same.count += count
      else {
        reasons[kind]++
        known.set(`${kind} ${reason}`, { kind, reason, count, first: first.slice(0, longestReason) })
      }
      return undefined
    }
  const all = () => sorted([...known.values()])
  return {
    bad: add("bad"),
    noted: add("noted"),
    ignored: add("ignored"),
    count: (kind) => counts[kind],
    all,
    refusal: ({ entries, used, noun, hint }) => {
      const limit = badLimit(entries)
      if (counts.bad === 0 || (used > 0 && counts.bad <= limit)) return undefined
      const many =
        used > 0
          ? `${counts.bad} of ${entries} ${noun} cannot be used (the limit is ${limit})`
          : `none of ${entries} ${noun} can be used`
      const why = issuesText(all().filter(({ kind }) => kind === "bad"))
      return `${many}: ${why}${hint === undefined ? "" : `: ${hint}`}`
    }
  }
}

/** Joins several lists of issues: those of one kind and reason are one issue, with the first list's location. */
export const joinIssues = (...lists: ReadonlyArray<readonly ReadIssue[]>): readonly ReadIssue[] => {
  const joined = readIssues()
  for (const { kind, reason, first, count } of lists.flat()) joined[kind](reason, first, count)
  return joined.all()
}

/** Returns the issues of a part of a source, with the part's name in each location. */
export const issuesOf = (part: string, issues: readonly ReadIssue[]): readonly ReadIssue[] =>
  issues.map((issue) => ({ ...issue, first: `${part}: ${issue.first}` }))

const heads = { bad: "left out", noted: "read, but to be looked at", ignored: "ignored" } as const

/** Returns a source's issues as a line for each kind; no line for a kind without issues. */
export const issueLines = (name: string, issues: readonly ReadIssue[], most = shown): readonly string[] =>
  kinds.flatMap((kind) => {
    const own = issues.filter((issue) => issue.kind === kind)
    return own.length === 0 ? [] : [`${name}: ${heads[kind]}: ${issuesText(own, most)}`]
  })
