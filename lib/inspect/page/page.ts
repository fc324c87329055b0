import { html, type Markup, raw } from "../../html/markup.ts"
import { byteAmount, many, share, whole } from "../amount.ts"
import type { Inspection } from "../inspection.ts"
import { bars } from "./bars.ts"
import { countTable } from "./counts.ts"
import { style } from "./style.ts"

const faultsShown = 200

const tile = (value: string, name: string, note?: string | false): Markup =>
  html`<div class="figure"><b>${value}</b><span>${name}</span>${note && html`<small>${note}</small>`}</div>`

const failed = ({ failures }: Inspection): number => failures.reduce((sum, { count }) => sum + count, 0)

const tiles = (inspection: Inspection): Markup => {
  const { count, looked, groups, images, captions, duplicates, shards } = inspection
  return html`<section class="figures">${tile(whole(count), "samples", looked < count && `${whole(looked)} looked at, drawn at random`)}${tile(whole(images.usable), "usable images", `${whole(groups)} groups`)}${tile(whole(captions.count), "captions", `${whole(captions.distinct)} different`)}${tile(whole(duplicates.images), "images there before", share(duplicates.images, images.usable))}${tile(whole(failed(inspection)), "cannot be used", share(failed(inspection), looked))}${shards && tile(whole(shards.shards), "shards", byteAmount(shards.bytes))}</section>`
}

const lintSection = ({ faults }: Inspection): Markup | undefined => {
  if (faults === undefined) return undefined
  if (faults.length === 0)
    return html`<section id="lint"><h2>Lint</h2><p class="fine">✓ Everything was read and every digest is right.</p></section>`
  const rows = faults
    .slice(0, faultsShown)
    .map(({ where, what }) => html`<tr><th scope="row"><code>${where}</code></th><td>${what}</td></tr>`)
  return html`<section id="lint"><h2>Lint</h2><p class="faulty">${many(faults.length, "fault")}</p><div class="wide"><table class="counts"><tbody>${rows}</tbody></table></div>${faults.length > faultsShown && html`<p>and ${whole(faults.length - faultsShown)} more</p>`}</section>`
}

const gallery = ({ samples }: Inspection): Markup | undefined =>
  samples.length === 0
    ? undefined
    : html`<section id="samples"><h2>Samples</h2><p>Drawn at random.</p><div class="gallery">${samples.map(
        ({ id, captions, label, image }) =>
          html`<article>${image && html`<img src="${image.uri}" alt="${captions[0] ?? label ?? id}" loading="lazy">`}<ul dir="auto">${[...(label === undefined ? [] : [label]), ...captions].map((text) => html`<li dir="auto">${text}</li>`)}</ul><small><code>${id}</code>${image && ` ${image.format}, ${image.width}×${image.height}`}</small></article>`
      )}</div></section>`

const imageSection = ({ images }: Inspection): Markup =>
  html`<section id="images"><h2>Images</h2><div class="charts">${bars("Width", images.width)}${bars("Height", images.height)}${bars("Width / height", images.aspect)}${bars("Bytes", images.bytes, byteAmount)}</div>${countTable("Formats", images.formats, images.usable)}${countTable("Most frequent sizes", images.sizes, images.usable)}${images.turned > 0 && html`<p>${many(images.turned, "image")} turned by EXIF orientation.</p>`}</section>`

const captionSection = ({ captions }: Inspection): Markup =>
  html`<section id="captions"><h2>Captions</h2><div class="charts">${bars("Captions an image", captions.perImage)}${bars("Characters a caption", captions.characters)}${bars("Words a caption", captions.words)}</div>${countTable("Languages", captions.languages, captions.count)}<p>Languages are guessed from scripts and small words; <code>Latn</code> and the like are scripts of texts too short to tell.</p></section>`

const duplicateSection = ({ duplicates }: Inspection): Markup | undefined =>
  duplicates.examples.length === 0
    ? undefined
    : html`<section id="duplicates"><h2>Duplicates</h2><p>${many(duplicates.images, "image")} the same, byte for byte, as an earlier one.</p><ul>${duplicates.examples.map(([id, first]) => html`<li><code>${id}</code> is <code>${first}</code></li>`)}</ul></section>`

const failureSection = (inspection: Inspection): Markup | undefined => {
  const all = failed(inspection)
  const leftOut = inspection.shards?.leftOut ?? []
  if (all + leftOut.length === 0) return undefined
  const gone = leftOut.reduce((sum, { count }) => sum + count, 0)
  return html`<section id="failures"><h2>Failures</h2>${countTable("Samples that cannot be used, with an example", inspection.failures, all, true)}${countTable("Left out when the shards were made, with an example", leftOut, gone, true)}</section>`
}

const issueHeads = {
  bad: "Left out when it was opened",
  noted: "Read, but to be looked at",
  ignored: "Ignored: no samples"
} as const

const issueSection = ({ issues, shards }: Inspection): Markup | undefined => {
  const all = [...issues, ...(shards?.issues ?? [])]
  if (all.length === 0) return undefined
  const tables = (["bad", "noted", "ignored"] as const).map((kind) => {
    const own = all.filter((issue) => issue.kind === kind)
    const count = own.reduce((sum, each) => sum + each.count, 0)
    const counts = own.map(({ reason, count, first }) => ({ name: reason, count, example: first }))
    return countTable(`${issueHeads[kind]}, with the first place`, counts, count, true)
  })
  return html`<section id="issues"><h2>What was found on opening</h2>${tables}</section>`
}

const facts = ({ digest, credits, shards }: Inspection): Markup =>
  html`<section id="facts"><h2>Source</h2><div class="wide"><table class="pairs"><tbody><tr><th scope="row">digest</th><td><code>${digest}</code></td></tr>${shards?.pipeline !== undefined && html`<tr><th scope="row">prepared for</th><td>${shards.pipeline}</td></tr>`}${shards?.source !== undefined && html`<tr><th scope="row">prepared from</th><td><code>${shards.source}</code></td></tr>`}</tbody></table></div>${credits.length > 0 && html`<h3>Credits</h3><ul class="credits">${credits.map(({ name, author, licence, url }) => html`<li><a href="${url}">${name}</a> by ${author}, ${licence}</li>`)}</ul>`}</section>`

/** Returns an inspection as one self-contained page: no scripts, nothing fetched; a pure function of the inspection. */
export const inspectionPage = (inspection: Inspection): string =>
  html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"><title>${inspection.name}: ${many(inspection.count, "sample")}</title><style>${raw(style)}</style></head>
<body><header><h1>${inspection.name}</h1>${tiles(inspection)}</header><main>
${lintSection(inspection)}
${gallery(inspection)}
${imageSection(inspection)}
${inspection.labels.length > 0 && html`<section id="labels"><h2>Labels</h2>${countTable("Classes", inspection.labels, inspection.looked)}</section>`}
${captionSection(inspection)}
${duplicateSection(inspection)}
${failureSection(inspection)}
${issueSection(inspection)}
${facts(inspection)}
</main><footer>Made by semmim.</footer></body></html>
`.markup
