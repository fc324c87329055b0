import { reasonDetail, reasonKind } from "../data/reason.ts"

/** A name's number of occurrences, and one example. */
export interface Counted {
  readonly name: string
  readonly count: number
  readonly example: string
  /** Details of the example, where there are any. */
  readonly detail?: string
}

/** Counts by name; each name keeps its first example. */
export const tally = () => {
  const counts = new Map<string, { count: number; readonly example: string; readonly detail?: string }>()
  return {
    add: (name: string, example: string, detail = ""): void => {
      const known = counts.get(name)
      if (known) known.count++
      else counts.set(name, { count: 1, example, ...(detail === "" ? {} : { detail }) })
    },
    /** Returns the counts, most frequent first, then by name. */
    sorted: (): readonly Counted[] =>
      [...counts].map(([name, found]) => ({ name, ...found })).sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
  }
}

/** Returns the kind of a reason, shortened where it is long. */
export const kindOf = (reason: string): string => reasonKind(reason).slice(0, 80)

/** Returns the details of a reason, shortened where they are long. */
export const detailOf = (reason: string): string => reasonDetail(reason).slice(0, 200)
