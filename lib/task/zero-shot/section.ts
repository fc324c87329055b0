import { html, type Markup } from "../../html/markup.ts"
import { percent } from "../../html/percent.ts"
import type { Figure, Measurement, SectionContext } from "../task.ts"
import type { ZeroShot } from "./accuracy.ts"
import type { ZeroShotDetails } from "./classify.ts"
import { type AccuracyRow, accuracyRows } from "./text.ts"

type Classified = Measurement<ZeroShot, ZeroShotDetails>

/** Accuracy beside that of the most frequent class. */
export const zeroShotFigures = ({ metrics: { accuracy, majority } }: Classified): readonly Figure[] => [
  {
    value: `${percent(accuracy)} %`,
    name: "zero-shot accuracy",
    note: `most frequent class ${percent(majority.accuracy)} %`
  }
]

const row = ({ name, accuracy, top5, perClass }: AccuracyRow): Markup =>
  html`<tr><th scope="row">${name}</th>${[accuracy, top5, perClass].map((value) => html`<td>${value === undefined ? "–" : percent(value)}</td>`)}</tr>`

const example =
  (images: ReadonlyMap<string, string>) =>
  ({ id, label, found }: ZeroShotDetails["examples"][number]): Markup => {
    const uri = images.get(id)
    const image = uri ? html`<img src="${uri}" alt="${id}" loading="lazy">` : html`<span class="missing">${id}</span>`
    const items = found.map(({ label: each }) => {
      const right = each === label
      return html`<li${right && html` class="right"`}>${each}${right && html`<b class="mark">✓<span class="unseen"> right</span></b>`}</li>`
    })
    return html`<article class="example texts">${image}<ol>${items}</ol></article>`
  }

/** Table of accuracies with its baselines, the accuracy of each class, and example images. */
export const zeroShotSection = ({ metrics, details, data, skipped }: Classified, context: SectionContext): Markup => {
  const { templates, perClass, examples } = details
  return html`<section id="zeroShot"><h2>Zero-shot classification</h2><p>${metrics.images} images of <code>${data.name}</code>, ${context.weights} weights, each told among ${metrics.classes} classes by the label's text alone (${templates.join(", ")}): the class whose text is nearest by cosine. In percent; per class is the mean of the classes' own accuracies.</p>
<div class="wide"><table class="numbers"><thead><tr><td></td>${["accuracy", "top 5", "per class"].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${accuracyRows(metrics).map(row)}</tbody></table></div>
<details><summary>Each of ${perClass.length} classes</summary><div class="wide"><table class="numbers"><thead><tr><th scope="col">class</th><th scope="col">images</th><th scope="col">accuracy</th></tr></thead><tbody>${perClass.map(({ label, images, accuracy }) => html`<tr><th scope="row">${label}</th><td>${images}</td><td>${percent(accuracy)}</td></tr>`)}</tbody></table></div></details>
${examples.length > 0 && html`<h3>Examples</h3><p>Images drawn at random, whatever their outcome; the first classes found, and ✓ where one is right.</p><div class="examples">${examples.map(example(context.images))}</div>`}${
  skipped.length > 0 && html`<p>${skipped.length} ${skipped.length === 1 ? "sample" : "samples"} could not be used.</p>`
}</section>`
}
