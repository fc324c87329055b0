import { html, type Markup } from "../html/markup.ts"
import type { ReportData } from "./data.ts"

/** Section on samples that could not be used, by kind of reason, each with an example; nothing where there are none. */
export const skippedSection = ({ skipped = [] }: ReportData): Markup | false => {
  if (skipped.length === 0) return false
  const total = skipped.reduce((sum, { count }) => sum + count, 0)
  return html`<section id="skipped"><h2>Skipped samples</h2><p>${total} times a sample could not be used, and another took its place; skipped.jsonl names them all.</p><div class="wide"><table class="pairs"><thead><tr><th scope="col">Reason</th><th scope="col">Times</th><th scope="col">For example</th></tr></thead><tbody>${skipped.map(({ kind, count, id, reason }) => html`<tr><th scope="row">${kind}</th><td>${String(count)}</td><td>${id}: ${reason}</td></tr>`)}</tbody></table></div></section>`
}
