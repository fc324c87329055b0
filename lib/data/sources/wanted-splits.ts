import type { IssueCollector } from "../read-issues.ts"
import { type Location, optionParts } from "./location.ts"

/** The splits that are taken where none is named: what COCO and Flickr30K train on. */
export const trainingSplits: readonly string[] = ["train", "restval"]

/** Which entries of a list are taken, by the split they say they are of. */
export interface WantedSplits {
  /** Whether an entry is taken; one that says no split is, unless a split was named. */
  readonly takes: (split: string | undefined) => boolean
  /** The sentence for a list that nothing was taken of, once all entries were asked about. */
  readonly nothing: () => string
  /** Entries that were not taken. */
  readonly excluded: () => number
  /** Tells of entries that are of other splits than those that are taken unless one is named. */
  readonly tell: (issues: IssueCollector) => void
  /** What digests need to know. */
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
