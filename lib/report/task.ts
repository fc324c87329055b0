import { html, type Markup } from "../html/markup.ts"
import type { TaskReport } from "./data.ts"

/** Section of a task: its own, or its failure. */
export const taskSection = (report: TaskReport): Markup =>
  "section" in report
    ? report.section
    : html`<section id="${report.task}"><h2>${report.task}</h2><p class="warning">This task could not be measured: ${report.failed}.</p></section>`
