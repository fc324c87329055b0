import type { IssueCollector } from "../read-issues.ts"
import type { JsonItem } from "./json-items.ts"
import type { Listing } from "./listing.ts"
import type { Location } from "./location.ts"
import type { WantedSplits } from "./wanted-splits.ts"

/** Inputs of a reader of a list, and its collector of bad entries. */
export interface ReaderContext {
  readonly location: Location
  readonly splits: WantedSplits
  readonly issues: IssueCollector
  /** Returns the location of an item, in the file's terms. */
  readonly where: (item: Pick<JsonItem, "key" | "index">) => string
}

/** Collects the items of a list. */
export interface ListReader {
  /** Takes the next item; one that does not have the format is an issue. */
  readonly item: (item: JsonItem) => void
  /** Returns the list. */
  readonly done: () => Listing
  /** Number of entries so far, good and bad: the total for the issues. */
  readonly entries: () => number
  /** Number of captions that are not taken literally: those in a list that is written as a text. */
  readonly changed?: () => number
}

/** A format of lists in JSON. */
export interface JsonFormat {
  /** The name with its article, as in messages. */
  readonly name: string
  /** Description of its shape, for the message about a text of no known format. */
  readonly shape: string
  /** Options besides `images` and `encoding`. */
  readonly options: readonly string[]
  /** True where the first item that any format recognises is of this one. */
  readonly is: (item: JsonItem, location: Location) => boolean
  readonly reader: (context: ReaderContext) => ListReader
  /** Folders that its images may be in, relative to the list's, in the order in which they are searched. */
  readonly folders: (location: Location) => readonly string[]
}

/** True where a value is an object that has all of some members as its own. */
export const hasMembers = (value: unknown, ...names: readonly string[]): boolean =>
  typeof value === "object" && value !== null && names.every((name) => Object.hasOwn(value, name))
