import { html, type Markup } from "../html/markup.ts"
import { duration } from "../log/duration.ts"
import { figure } from "../log/figure.ts"
import type { ReportData } from "./data.ts"

const tile = (value: string, name: string, note?: string | false): Markup =>
  html`<div class="figure"><b>${value}</b><span>${name}</span>${note && html`<small>${note}</small>`}</div>`

/** Estimates the seconds from the first to the last logged step, with the mean duration of the logged steps for all. */
const trainingSeconds = ({ metrics, step }: ReportData): number => {
  const known = metrics.filter((line) => Number.isFinite(line.stepSeconds))
  return (step * known.reduce((sum, line) => sum + line.stepSeconds, 0)) / Math.max(1, known.length)
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** Section with the headline numbers. */
export const summarySection = (data: ReportData): Markup => {
  const { metrics, tasks, step, steps } = data
  const last = metrics.at(-1)
  const speeds = metrics.map((line) => line.samplesPerSecond).filter((speed) => Number.isFinite(speed))
  const figures = tasks.flatMap((task) => ("figures" in task ? task.figures : []))
  return html`<section class="figures">${figures.map(({ value, name, note }) => tile(value, name, note))}${last && tile(figure(last.loss), "loss", metrics.length > 1 && `from ${figure(metrics[0]!.loss)}`)}${tile(String(step), "steps", step < steps && `of ${steps}`)}${
    last && tile(duration(trainingSeconds(data)), "training")
  }${speeds.length > 0 && tile(figure(median(speeds)), "samples per second", "median")}</section>`
}
