import { html, type Markup } from "../html/markup.ts"
import type { Grid } from "./data.ts"

const side = 100

/** Style of one patch drawn over the image: a class, and its opacity; undefined leaves the image visible. */
export type Paint = (patch: number) => { readonly name: string; readonly opacity: number } | undefined

/** Draws an image with its patches painted over, row by row, and a label below it. */
export const overlay = (image: string, { rows, columns }: Grid, paint: Paint, label: string, faded: boolean): Markup => {
  const width = side / columns
  const height = side / rows
  const patches = Array.from({ length: rows * columns }, (_, patch) => {
    const painted = paint(patch)
    if (!painted || painted.opacity < 0.02) return undefined
    const x = ((patch % columns) * width).toFixed(2)
    const y = (Math.floor(patch / columns) * height).toFixed(2)
    return html`<rect class="${painted.name}" x="${x}" y="${y}" width="${width.toFixed(2)}" height="${height.toFixed(2)}" opacity="${painted.opacity.toFixed(2)}"/>`
  })
  return html`<figure class="overlay"><svg viewBox="0 0 ${side} ${side}" role="img" aria-label="${label}"><image href="${image}" width="${side}" height="${side}" preserveAspectRatio="none"${faded && html` class="faded"`}/>${patches}</svg><figcaption>${label}</figcaption></figure>`
}
