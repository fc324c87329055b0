import { html, type Markup } from "../../html/markup.ts"
import { percent } from "../../html/percent.ts"
import type { Expected } from "../../pipeline/expected.ts"
import type { Recalls } from "./leading.ts"

/** Statistics of a recall over runs with several seeds. */
export interface Spread {
  readonly mean: number
  readonly lowest: number
  readonly highest: number
}

/** Returns the mean and the range of some values. */
export const spreadOf = (values: readonly number[]): Spread => ({
  mean: values.reduce((sum, value) => sum + value, 0) / values.length,
  lowest: Math.min(...values),
  highest: Math.max(...values)
})

/** Formats the range of a spread. */
export const rangeText = ({ lowest, highest }: Spread): string => `${percent(lowest)}–${percent(highest)}`

type Column = keyof Recalls

const columnNames: Readonly<Record<Column, string>> = {
  tr1: "text @1",
  tr5: "text @5",
  tr10: "text @10",
  ir1: "image @1",
  ir5: "image @5",
  ir10: "image @10"
}

/** Recalls of the leading ranking over runs with several seeds. */
export interface ExpectedRecalls extends Omit<Expected, "metrics"> {
  readonly recalls: { readonly [C in Column]: readonly number[] }
}

/** Returns the expected recalls; undefined where they are not recorded, or not all of them. */
export const expectedRecalls = (expected: Expected | undefined): ExpectedRecalls | undefined => {
  const own = expected?.metrics["retrieval"]
  if (!expected || !own) return undefined
  const { metrics, ...how } = expected
  const { tr1, tr5, tr10, ir1, ir5, ir10 } = own
  return tr1 && tr5 && tr10 && ir1 && ir5 && ir10 ? { ...how, recalls: { tr1, tr5, tr10, ir1, ir5, ir10 } } : undefined
}

/** Names of the recalls that lie further outside the range over seeds than the range is wide: more than another seed explains. */
const farOutside = (own: Recalls, { recalls }: ExpectedRecalls): readonly string[] =>
  (Object.keys(columnNames) as readonly Column[]).flatMap((column) => {
    const { lowest, highest } = spreadOf(recalls[column])
    const width = highest - lowest
    return own[column] < lowest - width || own[column] > highest + width ? [columnNames[column]] : []
  })

/** Row of a table of recalls with the mean and the range over seeds. */
export const seedsRow = ({ seeds, recalls }: ExpectedRecalls, columns: readonly Column[]): Markup =>
  html`<tr class="seeds"><th scope="row">${seeds.length} seeds</th>${columns.map((column) => {
    const spread = spreadOf(recalls[column])
    return html`<td>${percent(spread.mean)}<br><small>${rangeText(spread)}</small></td>`
  })}</tr>`

/** Text on the variation of recalls over seeds, and whether this run lies within it. */
export const seedsText = (own: Recalls, expected: ExpectedRecalls): Markup => {
  const { seeds, processor, measured } = expected
  const far = farOutside(own, expected)
  return html`<p>How far a seed moves these figures: the same run with ${seeds.length} seeds (${seeds.join(", ")}) had the mean and range in the row “${seeds.length} seeds”, measured on ${processor} (${measured}).</p>${
    far.length > 0 && html`<p class="warning">Further from that range than it is wide: ${far.join(", ")}.</p>`
  }`
}
