import { Context } from "effect"
import type { Fields } from "../../tensor/field.ts"
import type { ReadIssue } from "../read-issues.ts"
import type { ListingData } from "./listing.ts"
import type { TextColumnData } from "./text-column.ts"

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

/** The same of rows of samples with other fields than a pair's. */
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
 * Lists that another thread of this process has read, by name: opened from there, a list of a million entries takes its memory once,
 * however many threads there are, and all of them see the same list, whatever becomes of the file.
 */
export const ReadLists = Context.Reference<ReadListMap>("semmim/data/ReadLists", {
  defaultValue: () => new Map()
})
