import type { MaskExample, ReportData } from "./data.ts"
import { html, type Markup } from "./markup.ts"
import { overlay, type Paint } from "./overlay.ts"

const nothing: Paint = () => undefined

const hiding =
  (hidden: ArrayLike<number>): Paint =>
  (patch) =>
    hidden[patch] ? { name: "hidden", opacity: 1 } : undefined

const relevances = (values: ArrayLike<number>): Paint => {
  const all = Array.from(values)
  const low = Math.min(...all)
  const span = Math.max(...all) - low
  return (patch) => ({ name: "heat", opacity: span > 0 ? (0.85 * (values[patch]! - low)) / span : 0 })
}

const example = ({ caption, picture, grid, masks, relevance }: MaskExample): Markup =>
  html`<article class="example"><h4>${caption}</h4><div class="overlays">${overlay(picture, grid, nothing, "whole", false)}${relevance && overlay(picture, grid, relevances(relevance), "relevance to the text", true)}${masks.map(({ name, hidden }) => overlay(picture, grid, hiding(hidden), name, false))}</div></article>`

/** What each masking strategy hides of the same pictures. */
export const masksSection = ({ masks }: ReportData): Markup | undefined =>
  masks.length === 0
    ? undefined
    : html`<section id="masks"><h2>Masks</h2><p>The patches that are hidden from the student, drawn over the same picture. Text-guided masking hides what the teacher finds near to the caption more often; random masking knows nothing of it.</p><div class="examples masks">${masks.map(example)}</div></section>`
