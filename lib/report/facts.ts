import { html, type Markup } from "../html/markup.ts"
import type { Pairs, ReportData } from "./data.ts"

const pairs = (rows: Pairs): Markup =>
  html`<div class="wide"><table class="pairs"><tbody>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody></table></div>`

/** Section on settings, environment, and the credits of images and texts. */
export const factsSection = ({ settings, environment, credits, digest }: ReportData): Markup =>
  html`<section id="facts"><h2>Settings and environment</h2>${pairs([...environment, ["pipeline digest", digest]])}<details><summary>All ${settings.length} settings of the pipeline</summary>${pairs(settings)}</details></section>${
    credits.length > 0 &&
    html`<section id="credits"><h2>Credits</h2><p>This report shows and was made with work of others:</p><ul class="credits">${credits.map(({ name, author, licence, url }) => html`<li><a href="${url}">${name}</a> by ${author}, ${licence}</li>`)}</ul></section>`
  }`
