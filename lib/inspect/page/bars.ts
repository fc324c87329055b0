import { html, type Markup } from "../../html/markup.ts"
import { figure } from "../../log/figure.ts"
import { whole } from "../amount.ts"
import type { Spread } from "../spread.ts"

const width = 360
const height = 120
const bottom = 22
const top = 6

/** Returns a histogram as bars in SVG; each bar shows its range and count to a pointer and to screen readers. */
export const bars = (title: string, spread: Spread | undefined, say: (value: number) => string = figure): Markup | undefined => {
  if (!spread) return undefined
  if (spread.least === spread.most)
    return html`<figure class="chart"><figcaption><span><b>${title}</b></span><output>always ${say(spread.least)}</output></figcaption></figure>`
  const { from, step, counts } = spread.histogram
  const most = Math.max(...counts)
  const wide = width / counts.length
  const tall = (count: number): number => (count === 0 ? 0 : Math.max(1.5, ((height - top - bottom) * count) / most))
  const end = from + step * counts.length
  const beyond = spread.most >= end
  const label = `${title}: from ${say(spread.least)} to ${say(spread.most)}, median ${say(spread.median)}`
  return html`<figure class="chart"><figcaption><span><b>${title}</b></span><output>median ${say(spread.median)}</output></figcaption>
<svg class="bars" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${counts.map((count, i) => {
    const [low, high] = [from + i * step, i === counts.length - 1 && beyond ? spread.most : from + (i + 1) * step]
    return html`<g><title>${say(low)} to ${say(high)}: ${whole(count)}</title><rect x="${(i * wide + 0.5).toFixed(1)}" y="${(height - bottom - tall(count)).toFixed(1)}" width="${Math.max(1, wide - 1).toFixed(1)}" height="${tall(count).toFixed(1)}"/></g>`
  })}<line class="axis" x1="0" x2="${width}" y1="${height - bottom}" y2="${height - bottom}"/><text x="0" y="${height - 6}">${say(from)}</text><text x="${width}" y="${height - 6}" text-anchor="end">${beyond ? `… ${say(spread.most)}` : say(spread.most)}</text></svg></figure>`
}
