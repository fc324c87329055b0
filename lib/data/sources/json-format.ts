import type { IssueCollector } from "../read-issues.ts"
import type { JsonItem } from "./json-items.ts"
import type { Listing } from "./listing.ts"
import type { Location } from "./location.ts"
import type { WantedSplits } from "./wanted-splits.ts"

/** What a reader of a list is told, and what it tells of bad entries. */
export interface ReaderContext {
  readonly location: Location
  readonly splits: WantedSplits
  readonly issues: IssueCollector
  /** Where an item is, in the file's terms. */
  readonly where: (item: Pick<JsonItem, "key" | "index">) => string
}

/** What collects the items of a list. */
export interface ListReader {
  /** Takes the next item; one that is not as it should be is an issue. */
  readonly item: (item: JsonItem) => void
  /** What was collected. */
  readonly done: () => Listing
  /** Entries so far, good and bad: of what the issues are a part. */
  readonly entries: () => number
  /** Captions that are read otherwise than they are written: the texts of a list in a text. */
  readonly changed?: () => number
}

/** A format of lists in JSON. */
export interface JsonFormat {
  /** With its article: what sentences call it. */
  readonly name: string
  /** The shape it has, for the sentence about a text that has none of those that are known. */
  readonly shape: string
  /** Options besides `images` and `encoding`. */
  readonly options: readonly string[]
  /** Whether the first item that any format knows is of this one. */
  readonly is: (item: JsonItem, location: Location) => boolean
  readonly reader: (context: ReaderContext) => ListReader
  /** Folders that its images may be in, relative to the list's, in the order in which they are looked for. */
  readonly folders: (location: Location) => readonly string[]
}

/** Whether a value is an object that has some members of its own. */
export const hasMembers = (value: unknown, ...names: readonly string[]): boolean =>
  typeof value === "object" && value !== null && names.every((name) => Object.hasOwn(value, name))
