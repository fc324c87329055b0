import { html, type Markup, raw } from "../../html/markup.ts"
import { percent } from "../../html/percent.ts"
import type { Figure, Measurement, SectionContext } from "../task.ts"
import type { RetrievalDetails } from "./evaluate-retrieval.ts"
import type { Example } from "./examples.ts"
import { rankingSentences, recallRows } from "./recall-rows.ts"
import type { Retrieval } from "./retrieve.ts"
import { expectedRecalls, rangeText, seedsRow, seedsText, spreadOf } from "./seeds.ts"

/** Input of the section on retrieval. */
export type Retrieved = Measurement<Retrieval, RetrievalDetails>

const columns = ["tr1", "tr5", "tr10", "ir1", "ir5", "ir10"] as const
type Row = { readonly [C in (typeof columns)[number]]: number }

/** Recalls of random ranking where each query has one correct answer among `n`. */
const chance = (images: number, texts: number): Row => {
  const among = (k: number, n: number): number => (100 * Math.min(k, n)) / n
  return {
    tr1: among(1, texts),
    tr5: among(5, texts),
    tr10: among(10, texts),
    ir1: among(1, images),
    ir5: among(5, images),
    ir10: among(10, images)
  }
}

const row = (name: string, values: Row): Markup =>
  html`<tr><th scope="row">${name}</th>${columns.map((column) => html`<td>${percent(values[column])}</td>`)}</tr>`

/** Two headline recalls of the leading ranking. */
export const retrievalFigures = ({ metrics }: Retrieved, context: SectionContext): readonly Figure[] => {
  const { tr1, ir1 } = recallRows(metrics)[0]!.recalls
  const expected = expectedRecalls(context.expected)
  const seeds = (column: "tr1" | "ir1"): string =>
    expected ? `, ${expected.seeds.length} seeds ${rangeText(spreadOf(expected.recalls[column]))}` : ""
  const figure = (value: number, name: string, among: number, column: "tr1" | "ir1"): Figure => ({
    value: `${percent(value)} %`,
    name,
    note: `guessing ${percent(100 / among)} %${seeds(column)}`
  })
  return [figure(tr1, "text for an image, @1", metrics.texts, "tr1"), figure(ir1, "image for a text, @1", metrics.images, "ir1")]
}

/** Table of recalls: the leading ranking, the other one, and random ranking. */
const recallSection = ({ metrics: retrieval, details, data, skipped }: Retrieved, context: SectionContext): Markup => {
  const { images, texts } = retrieval
  const { candidates } = details
  const expected = expectedRecalls(context.expected)
  const rows = recallRows(retrieval)
  const reranks = rows.length > 1
  return html`<section id="retrieval"><h2>Retrieval</h2><p>${images} images and ${texts} texts of <code>${data.name}</code>, ${context.weights} weights. Recall in percent: how often the right answer is among the first 1, 5 or 10.${reranks && ` Re-ranking orders the ${Math.min(candidates, images, texts)} nearest by cosine by the probability that image and text match.`}</p>
${rankingSentences(retrieval).map((sentence, i) => html`<p${i > 0 && raw(' class="warning"')}>${sentence[0]!.toUpperCase()}${sentence.slice(1)}.</p>`)}
<div class="wide"><table class="numbers recalls"><thead><tr><td></td><th colspan="3" scope="colgroup">text for an image</th><th colspan="3" scope="colgroup">image for a text</th></tr><tr><td></td>${["@1", "@5", "@10", "@1", "@5", "@10"].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(({ name, recalls }) => row(name, recalls))}${expected && seedsRow(expected, columns)}${row("guessing", chance(images, texts))}</tbody></table></div>${
    expected && seedsText(rows[0]!.recalls, expected)
  }${
    skipped.length > 0 &&
    html`<details><summary>${skipped.length} ${skipped.length === 1 ? "sample" : "samples"} could not be used</summary><ul>${skipped.slice(0, 20).map(({ id, reason }) => html`<li><code>${id}</code> ${reason}</li>`)}</ul></details>`
  }</section>`
}

const image = (images: ReadonlyMap<string, string>, id: string): Markup => {
  const uri = images.get(id)
  return uri ? html`<img src="${uri}" alt="${id}" loading="lazy">` : html`<span class="missing">${id}</span>`
}

const mark = (right: boolean): Markup | false => right && html`<b class="mark">✓<span class="unseen"> right</span></b>`

const textsFound = ({ query, found }: Example, images: ReadonlyMap<string, string>): Markup =>
  html`<article class="example texts">${image(images, query.id)}<ol>${found.map(({ text, right }) => html`<li${right && html` class="right"`}>${text ?? ""}${mark(right)}</li>`)}</ol></article>`

const imagesFound = ({ query, found }: Example, images: ReadonlyMap<string, string>): Markup =>
  html`<article class="example"><h4>${query.text ?? query.id}</h4><div class="strip">${found.map(({ id, right }) => html`<span class="tile${right && " right"}">${image(images, id)}${mark(right)}</span>`)}</div></article>`

/** First five answers to some queries in each direction; the correct ones are ticked. */
const examplesSection = ({ details }: Retrieved, { images }: SectionContext): Markup | undefined => {
  const { textsOfImages, imagesOfTexts } = details.examples
  if (textsOfImages.length + imagesOfTexts.length === 0) return undefined
  return html`<section id="examples"><h2>Examples of retrieval</h2><p>Queries drawn at random, whatever their outcome; the first five answers, and ✓ where one is right.</p>
<h3>Texts for an image</h3><div class="examples">${textsOfImages.map((example) => textsFound(example, images))}</div>
<h3>Images for a text</h3><div class="examples">${imagesOfTexts.map((example) => imagesFound(example, images))}</div></section>`
}

/** Section of a report on retrieval: its recalls and example answers. */
export const retrievalSection = (measured: Retrieved, context: SectionContext): Markup =>
  html`${recallSection(measured, context)}
${examplesSection(measured, context)}`

/** Returns the ids of the samples whose images the examples show. */
export const shownImages = ({ details: { examples } }: Retrieved): readonly string[] => [
  ...examples.textsOfImages.map(({ query }) => query.id),
  ...examples.imagesOfTexts.flatMap(({ found }) => found.map(({ id }) => id))
]
