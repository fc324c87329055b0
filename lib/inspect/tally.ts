import { reasonDetail, reasonKind } from "../data/reason.ts"

/** How often a thing was met, and one example of where. */
export interface Counted {
  readonly name: string
  readonly count: number
  readonly example: string
  /** Particulars of the example, where there are any. */
  readonly detail?: string
}

/** Counts by name; each name keeps the example it came with first. */
export const tally = () => {
  const counts = new Map<string, { count: number; readonly example: string; readonly detail?: string }>()
  return {
    add: (name: string, example: string, detail = ""): void => {
      const known = counts.get(name)
      if (known) known.count++
      else counts.set(name, { count: 1, example, ...(detail === "" ? {} : { detail }) })
    },
    /** Most frequent first, then by name. */
    sorted: (): readonly Counted[] =>
      [...counts].map(([name, found]) => ({ name, ...found })).sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
  }
}

/** The kind of a reason, cut where it is long. */
export const kindOf = (reason: string): string => reasonKind(reason).slice(0, 80)

/** The particulars of a reason, cut where they are long. */
export const detailOf = (reason: string): string => reasonDetail(reason).slice(0, 200)
