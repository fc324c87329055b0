import type { JsonItem } from "./json-items.ts"
import type { Listing } from "./listing.ts"
import type { Location } from "./location.ts"
import type { WantedSplits } from "./wanted-splits.ts"

/** What collects the items of a list. */
export interface ListReader {
  /** Takes the next item; a sentence when it is not as it should be. */
  readonly item: (item: JsonItem) => string | undefined
  /** What was collected; a sentence where it does not fit together. */
  readonly done: () => Listing | string
}

/** A format of lists in JSON. */
export interface JsonFormat {
  /** With its article: what sentences call it. */
  readonly name: string
  /** The shape it has, for the sentence about a text that has none of those that are known. */
  readonly shape: string
  /** Options besides `images`. */
  readonly options: readonly string[]
  /** Whether the first item that any format knows is of this one. */
  readonly is: (item: JsonItem) => boolean
  readonly reader: (splits: WantedSplits) => ListReader
  /** Folders that its pictures may be in, relative to the list's, in the order in which they are looked for. */
  readonly folders: (location: Location) => readonly string[]
}

/** Whether a value is an object that has some members of its own. */
export const hasMembers = (value: unknown, ...names: readonly string[]): boolean =>
  typeof value === "object" && value !== null && names.every((name) => Object.hasOwn(value, name))
