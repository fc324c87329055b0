import { Context } from "effect"
import type { Fields } from "../../tensor/field.ts"
import type { ReadIssue } from "../read-issues.ts"
import type { ListingData } from "./listing.ts"
import type { TextColumnData } from "./text-column.ts"

/** A list that was read: its images and captions in memory that threads share, and the other inputs of its source. */
export interface ReadList {
  readonly listing: ListingData
  readonly made: unknown
  readonly candidates: readonly string[]
  readonly base: string
  /** Folders in `base` with which its images' names begin: each name is relative to its own. */
  readonly prefixes?: readonly string[]
  readonly issues: readonly ReadIssue[]
}

/** A list that was read of rows of samples with other fields than a pair's. */
export interface ReadRecords {
  readonly fields: Fields
  readonly rows: TextColumnData
  readonly names: TextColumnData
  readonly made: unknown
  readonly candidates: readonly string[]
  readonly base: string
  readonly issues: readonly ReadIssue[]
}

/** Lists that were read, by the name of their location. */
export type ReadListMap = ReadonlyMap<string, ReadList | ReadRecords>

/**
 * Lists that another thread of this process has read, by name: opened from these, a list of a million entries takes its memory
 * once for any number of threads, and all of them see the same list, even if the file changes.
 */
export const ReadLists = Context.Reference<ReadListMap>("semmim/data/ReadLists", {
  defaultValue: () => new Map()
})
