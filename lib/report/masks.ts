import { html, type Markup } from "../html/markup.ts"
import type { MaskExample, ReportData } from "./data.ts"
import { overlay, type Paint } from "./overlay.ts"

const nothing: Paint = () => undefined

const hiding =
  (hidden: ArrayLike<number>): Paint =>
  (patch) =>
    hidden[patch] ? { name: "hidden", opacity: 1 } : undefined

const often =
  (share: ArrayLike<number>): Paint =>
  (patch) => ({ name: "heat", opacity: 0.85 * share[patch]! })

const example = ({ caption, image, grid, masks, frequency }: MaskExample): Markup =>
  html`<article class="example"><h4>${caption}</h4><div class="overlays">${overlay(image, grid, nothing, "whole", false)}${masks.map(({ name, hidden }) => overlay(image, grid, hiding(hidden), name, false))}${overlay(image, grid, often(frequency), "how often hidden", true)}</div></article>`

/** Section on the patches that each masking strategy masks in the same images. */
export const masksSection = ({ masks }: ReportData): Markup | undefined =>
  masks.length === 0
    ? undefined
    : html`<section id="masks"><h2>Masks</h2><p>The patches that are hidden from the student, drawn over the same image. Text-guided masking hides what the teacher finds near to the caption more often, random masking knows nothing of it. The last image of each row shows how often the first strategy hides a patch, in many draws.</p><div class="examples masks">${masks.map(example)}</div></section>`
