import { html, type Markup } from "../../html/markup.ts"
import { share, whole } from "../amount.ts"
import type { Counted } from "../tally.ts"

const shown = 20

/** Returns a table of counts with their shares of `all`; nothing for an empty one. */
export const countTable = (head: string, counts: readonly Counted[], all: number, examples = false): Markup | undefined => {
  if (counts.length === 0) return undefined
  const rows = counts
    .slice(0, shown)
    .map(
      ({ name, count, example, detail }) =>
        html`<tr><th scope="row">${name}</th><td class="n">${whole(count)}</td><td class="n">${share(count, all)}</td><td>${examples ? html`<code>${example}</code> ${detail}` : html`<span class="share"><i style="width:${((100 * count) / Math.max(1, all)).toFixed(1)}%"></i></span>`}</td></tr>`
    )
  return html`<h3>${head}</h3><div class="wide"><table class="counts"><tbody>${rows}</tbody></table></div>${counts.length > shown && html`<p>and ${whole(counts.length - shown)} more</p>`}`
}
