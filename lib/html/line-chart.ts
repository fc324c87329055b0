import { figure } from "../log/figure.ts"
import { html, type Markup, raw } from "./markup.ts"
import { type Bucket, bucketed, type Curve, drawnRange } from "./points.ts"
import { linear, ticks, tickText } from "./scale.ts"

/** A chart of one curve. */
export interface Chart {
  readonly title: string
  /** Explanation of the name, in a few words. */
  readonly note?: string
  readonly curve: Curve
  /** A level to compare with, e.g. the entropy of the uniform distribution. */
  readonly reference?: { readonly value: number; readonly text: string }
}

const width = 360
const height = 200
const left = 46
const right = 10
const top = 10
const bottom = 24
const drawn = 200
const slices = 48

const at = (x: number): string => x.toFixed(1)

const path = (buckets: readonly Bucket[], x: (v: number) => number, y: (v: number) => number): string =>
  buckets.map((bucket, i) => `${i === 0 ? "M" : "L"}${at(x(bucket.x))} ${at(y(bucket.mean))}`).join("")

const band = (buckets: readonly Bucket[], x: (v: number) => number, y: (v: number) => number): string => {
  const above = buckets.map((bucket) => `${at(x(bucket.x))} ${at(y(bucket.high))}`)
  const below = buckets.toReversed().map((bucket) => `${at(x(bucket.x))} ${at(y(bucket.low))}`)
  return `M${[...above, ...below].join("L")}Z`
}

/** Vertical strips that show the value under the pointer with style sheets, without scripts. */
const readings = (buckets: readonly Bucket[], x: (v: number) => number, y: (v: number) => number): Markup => {
  const every = Math.max(1, Math.ceil(buckets.length / slices))
  const chosen = buckets.filter((_, i) => i % every === 0 || i === buckets.length - 1)
  const strip = (width - left - right) / Math.max(1, chosen.length)
  return html`${chosen.map((bucket) => {
    const place = x(bucket.x)
    const end = place > width / 2
    return html`<g class="reading"><rect x="${at(place - strip / 2)}" y="${top}" width="${at(strip)}" height="${height - top - bottom}"/><line x1="${at(place)}" x2="${at(place)}" y1="${top}" y2="${height - bottom}"/><circle cx="${at(place)}" cy="${at(y(bucket.mean))}" r="3"/><text x="${at(place + (end ? -6 : 6))}" y="${top + 10}" text-anchor="${end ? "end" : "start"}">${figure(bucket.mean)} at ${bucket.x}</text></g>`
  })}`
}

/** Renders a line chart as SVG: the mean of adjacent values, their range behind it, round ticks, the last value in the title. */
export const lineChart = (chart: Chart, name: string): Markup => {
  const buckets = bucketed(chart.curve, drawn)
  const last = buckets.at(-1)
  if (!last) return html``
  const { reference } = chart
  const [low, high] = drawnRange(buckets, reference ? [reference.value] : [])
  const x = linear(buckets[0]!.x, last.x, left, width - right)
  const y = linear(low, high, height - bottom, top)
  const levels = ticks(low, high, 5)
  const steps = ticks(buckets[0]!.x, last.x, 6)
  const final = figure(chart.curve.y.findLast((value) => typeof value === "number") ?? last.mean)
  const label = `${chart.title}: ${figure(buckets[0]!.mean)} at step ${buckets[0]!.x}, ${final} at step ${last.x}`
  return html`<figure class="chart"><figcaption><span><b>${chart.title}</b>${chart.note && html` <small>${chart.note}</small>`}</span><output>${final}</output></figcaption>
<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}"><clipPath id="${name}"><rect x="${left}" y="${top}" width="${width - left - right}" height="${height - top - bottom}"/></clipPath>
<g class="grid">${levels.map((level) => html`<line x1="${left}" x2="${width - right}" y1="${at(y(level))}" y2="${at(y(level))}"/>`)}</g>
<g class="ticks">${levels.map((level) => html`<text x="${left - 6}" y="${at(y(level) + 3.5)}" text-anchor="end">${tickText(level)}</text>`)}${steps.map((step) => html`<text x="${at(x(step))}" y="${height - 8}" text-anchor="middle">${tickText(step)}</text>`)}</g>
<g clip-path="${raw(`url(#${name})`)}"><path class="band" d="${band(buckets, x, y)}"/><path class="line" d="${path(buckets, x, y)}"/></g>
${reference && html`<g class="reference"><line x1="${left}" x2="${width - right}" y1="${at(y(reference.value))}" y2="${at(y(reference.value))}"/><text x="${width - right}" y="${at(y(reference.value) + (y(reference.value) < top + 16 ? 13 : -5))}" text-anchor="end">${reference.text}</text></g>`}
${readings(buckets, x, y)}</svg></figure>
`
}
