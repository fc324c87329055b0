import { Schema } from "effect"

/** Treatment of the delimiters at which a text is split. */
export const Behavior = Schema.Literals(["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"])
export type Behavior = typeof Behavior.Type

/** A range of a text, [start, end); `matched` is true where a pattern matched it. */
interface Stretch {
  readonly start: number
  readonly end: number
  readonly matched: boolean
}

/**
 * Returns all matches of a global regular expression, without empty ones directly after another match, and the ranges between
 * them.
 */
const stretches = (text: string, pattern: RegExp, invert: boolean): readonly Stretch[] => {
  const found: Stretch[] = []
  let last = 0
  let none = true
  for (const match of text.matchAll(pattern)) {
    const start = match.index
    const end = start + match[0].length
    if (start === end && !none && start === last) continue
    if (last !== start) found.push({ start: last, end: start, matched: invert })
    found.push({ start, end, matched: !invert })
    last = end
    none = false
  }
  if (last !== text.length) found.push({ start: last, end: text.length, matched: invert })
  return found
}

/** Joins a range to the previous one where `joins` returns true, given whether each of the two was matched. */
const joined = (all: readonly Stretch[], joins: (matched: boolean, before: boolean) => boolean): readonly Stretch[] => {
  const out: Stretch[] = []
  let before = false
  for (const stretch of all) {
    const last = out.at(-1)
    if (last && joins(stretch.matched, before))
      out[out.length - 1] = { start: Math.min(last.start, stretch.start), end: Math.max(last.end, stretch.end), matched: false }
    else out.push(stretch)
    before = stretch.matched
  }
  return out
}

const behaviors: { readonly [B in Behavior]: (all: readonly Stretch[]) => readonly Stretch[] } = {
  Isolated: (all) => all,
  Removed: (all) => all.filter(({ matched }) => !matched),
  Contiguous: (all) => joined(all, (matched, before) => matched === before),
  MergedWithPrevious: (all) => joined(all, (matched, before) => matched && !before),
  MergedWithNext: (all) => joined(all.toReversed(), (matched, before) => matched && !before).toReversed()
}

/** Parts of a text, none of them empty. */
export interface Pieces {
  readonly texts: readonly string[]
  /** True where the first part is at the start of the whole text. */
  readonly leading: boolean
}

/** Splits a text at the matches of a global regular expression, or (`invert`) at the ranges between them. */
export const splitAt = (text: string, leading: boolean, pattern: RegExp, behavior: Behavior, invert = false): Pieces => {
  const kept = behaviors[behavior](stretches(text, pattern, invert)).filter(({ start, end }) => start < end)
  return { texts: kept.map(({ start, end }) => text.slice(start, end)), leading: leading && kept[0]?.start === 0 }
}
