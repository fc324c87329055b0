import { type Chart, lineChart } from "../html/line-chart.ts"
import { html, type Markup } from "../html/markup.ts"
import { figure } from "../log/figure.ts"
import { bareName } from "../model/logged-names.ts"
import type { ReportData } from "./data.ts"

/** Descriptions of the columns of metrics.jsonl; a column without one is shown by its name alone. */
const words: Readonly<Record<string, string>> = {
  loss: "total",
  itc: "image-text contrast",
  itm: "image-text matching",
  mlm: "masked words",
  mim: "masked patches",
  agreement: "agreement of views",
  teacherEntropy: "of patch targets",
  agreementEntropy: "of view targets",
  gradientNorm: "before clipping",
  lr: "learning rate",
  temperature: "of the contrast"
}

/** Columns that are shown elsewhere, or are equivalent to another. */
const unshown = new Set(["step", "epoch", "stepSeconds", "dataSeconds"])

/** Columns shown last: losses come first, then other values that stages log, then these. */
const last = ["gradientNorm", "lr", "samplesPerSecond"]

const columns = ({ metrics }: ReportData): readonly string[] => {
  const all = [...new Set(metrics.flatMap((line) => Object.keys(line)))].filter((name) => !unshown.has(name))
  const rest = all.filter((name) => name !== "loss" && !last.includes(name))
  return [...all.filter((name) => name === "loss"), ...rest, ...last.filter((name) => all.includes(name))]
}

/** Columns shown with the level ln K: with K prototypes a collapsed model stays at ln K (or its teacher at 0). */
const compared = new Set(["mim", "agreement", "teacherEntropy", "agreementEntropy"])

const chartOf = (data: ReportData, column: string): Chart => {
  const curve = { x: data.metrics.map((line) => line.step), y: data.metrics.map((line) => line[column]) }
  const note = words[bareName(column)]
  const chart: Chart = { title: column === "samplesPerSecond" ? "samples per second" : column, curve, ...(note ? { note } : {}) }
  if (data.prototypes === undefined || !compared.has(bareName(column))) return chart
  const value = Math.log(data.prototypes)
  return { ...chart, reference: { value, text: `ln ${data.prototypes} = ${value.toFixed(2)}, uniform` } }
}

const rows = 12

const table = ({ metrics }: ReportData, names: readonly string[]): Markup => {
  const every = Math.max(1, Math.ceil(metrics.length / rows))
  const some = metrics.filter((_, i) => i % every === 0 || i === metrics.length - 1)
  const cell = (value: number | null | undefined) => html`<td>${typeof value === "number" ? figure(value) : "–"}</td>`
  return html`<details><summary>Numbers behind the curves</summary><div class="wide"><table class="numbers"><thead><tr><th>step</th>${names.map((name) => html`<th>${name}</th>`)}</tr></thead><tbody>${some.map((line) => html`<tr><td>${line.step}</td>${names.map((name) => cell(line[name]))}</tr>`)}</tbody></table></div></details>`
}

/** Section with the curves of a run, one chart each, and their values as a table. */
export const curvesSection = (data: ReportData): Markup | undefined => {
  if (data.metrics.length === 0) return undefined
  const names = columns(data)
  return html`<section id="curves"><h2>Training</h2><p>Each line is the mean of neighbouring logged steps, the band behind it the range that they span.</p>
<div class="charts">${names.map((name, i) => lineChart(chartOf(data, name), `clip-${i}`))}</div>${table(data, names)}</section>`
}
