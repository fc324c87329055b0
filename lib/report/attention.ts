import { html, type Markup } from "../html/markup.ts"
import type { AttentionExample, ReportData } from "./data.ts"
import { overlay, type Paint } from "./overlay.ts"

/**
 * Returns the opacity of each patch: its weight as a share of the word's largest one, so that words are compared by the shape of
 * their attention and not by its strength.
 */
const weighing = (weights: ArrayLike<number>): Paint => {
  const most = Math.max(...Array.from(weights))
  return (patch) => ({ name: "heat", opacity: most > 0 ? (0.85 * weights[patch]!) / most : 0 })
}

const example = ({ caption, image, grid, words }: AttentionExample): Markup =>
  html`<article class="example"><h4>${caption}</h4><div class="overlays words">${overlay(image, grid, () => undefined, "image", false)}${words.map(({ word, weights }) => overlay(image, grid, weighing(weights), word, true))}</div></article>`

/** Section on the attention of each word of a caption over the image. */
export const attentionSection = ({ attention }: ReportData): Markup | undefined =>
  attention.length === 0
    ? undefined
    : html`<section id="attention"><h2>Attention</h2><p>Cross-attention from each word of the caption to the patches of the image, in the last fusion layer, averaged over heads. The strongest patch of each word is fully coloured.</p><div class="examples attention">${attention.map(example)}</div></section>`
