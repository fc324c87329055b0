import { Context } from "effect"
import type { ReadIssue } from "../read-issues.ts"
import type { ListingData } from "./listing.ts"

/** A list that was read: its images and captions in memory that threads share, and what else a source is made of. */
export interface ReadList {
  readonly listing: ListingData
  readonly made: unknown
  readonly candidates: readonly string[]
  readonly base: string
  /** Folders in `base` that its images' names begin with: each leads from its own. */
  readonly prefixes?: readonly string[]
  readonly issues: readonly ReadIssue[]
}

/**
 * Lists that another thread of this process has read, by name: opened from there, a list of a million entries takes its memory once,
 * however many threads there are, and all of them see the same list, whatever becomes of the file.
 */
export const ReadLists = Context.Reference<ReadonlyMap<string, ReadList>>("semmim/data/ReadLists", {
  defaultValue: () => new Map()
})
