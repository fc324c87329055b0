import { table } from "../../log/table.ts"
import { skippedText } from "../skipped-text.ts"
import type { Measurement } from "../task.ts"
import type { ZeroShot } from "./accuracy.ts"

/** A row of accuracies: the model's, or a control's. */
export interface AccuracyRow {
  readonly name: string
  readonly accuracy: number
  readonly top5?: number | undefined
  readonly perClass: number
}

/** The model's accuracies, those of naming the most frequent class always, and those of guessing. */
export const accuracyRows = ({ accuracy, top5, perClass, majority, classes }: ZeroShot): readonly AccuracyRow[] => [
  { name: "nearest text", accuracy, top5, perClass },
  { name: `always "${majority.label}"`, accuracy: majority.accuracy, perClass: majority.perClass },
  { name: "guessing", accuracy: 100 / classes, top5: top5 === undefined ? undefined : 500 / classes, perClass: 100 / classes }
]

const cell = (digits: number, value: number | undefined): string => (value === undefined ? "–" : value.toFixed(digits))

/** The accuracies as a table, and on what they were measured. */
export const zeroShotText = ({ metrics, data, seconds, skipped }: Measurement<ZeroShot, unknown>): readonly string[] => {
  const bad = skipped.length > 0 ? `, ${skippedText(skipped)}` : ""
  return [
    table(
      ["zero-shot, %", "accuracy", "top 5", "per class"],
      accuracyRows(metrics).map(({ name, accuracy, top5, perClass }) => [
        name,
        ...[accuracy, top5, perClass].map((value) => cell(2, value))
      ])
    ),
    `${metrics.images} images and ${metrics.classes} classes of ${data.name} in ${seconds.toFixed(1)} s${bad}`
  ]
}

/** The accuracies as a table of Markdown, for a model's card. */
export const zeroShotCard = ({ metrics, data }: Measurement<ZeroShot, unknown>): string => {
  const rows = accuracyRows(metrics).map(
    ({ name, accuracy, top5, perClass }) =>
      `| ${[name, ...[accuracy, top5, perClass].map((value) => cell(1, value))].join(" | ")} |`
  )
  return `Zero-shot classification of ${metrics.images} images of \`${data.name}\` among ${metrics.classes} classes, in percent:

| | accuracy | top 5 | per class |
|---|---|---|---|
${rows.join("\n")}
`
}
