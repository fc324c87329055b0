import type { IssueCollector } from "../read-issues.ts"
import { type Location, optionParts } from "./location.ts"

/** The splits that are taken by default: COCO's and Flickr30K's training splits. */
export const trainingSplits: readonly string[] = ["train", "restval"]

/** Selects entries of a list by the split that they state. */
export interface WantedSplits {
  /** True where an entry is taken; an entry without a split is taken, unless a split was named. */
  readonly takes: (split: string | undefined) => boolean
  /** Returns the message about a list of which no entry was taken, after `takes` was called for all. */
  readonly nothing: () => string
  /** Returns the number of entries that were not taken. */
  readonly excluded: () => number
  /** Reports entries of other splits than the default ones, where no split is named. */
  readonly tell: (issues: IssueCollector) => void
  /** The splits, for digests. */
  readonly names: readonly string[]
}

const withoutSplit = "without a split"

/** Reads `?split=test`, `?split=train,val` or `?split=all`; without the option, `train` and `restval`. */
export const wantedSplits = (location: Location): WantedSplits => {
  const named = optionParts(location, "split")
  const names = named.length > 0 ? named : trainingSplits
  const seen = new Map<string, number>()
  let excluded = 0
  return {
    names,
    excluded: () => excluded,
    takes: (split) => {
      if (split !== undefined && (seen.size < 100 || seen.has(split))) seen.set(split, (seen.get(split) ?? 0) + 1)
      const taken = names.includes("all") || (split === undefined ? named.length === 0 : names.includes(split))
      if (!taken) excluded++
      return taken
    },
    tell: (issues) => {
      if (named.length > 0) return
      for (const [split, count] of seen)
        if (split.trim() === "") issues.ignored(withoutSplit, "?split=all takes them too", count)
        else if (!names.includes(split))
          issues.ignored(`of split ${split.slice(0, 40)}`, "?split= names those that are taken", count)
    },
    nothing: () => {
      if (seen.size === 0) return named.length > 0 ? `no entry says its split, so none is ${names.join(" or ")}` : "no image"
      const there = [...seen]
        .map(([split, count]) => `${split.trim() === "" ? withoutSplit : split.slice(0, 40)} (${count})`)
        .join(", ")
      return `no image of split ${names.join(" or ")}; there is ${there}: choose by ?split=`
    }
  }
}
