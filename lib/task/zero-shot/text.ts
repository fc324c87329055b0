import { table } from "../../log/table.ts"
import { skippedText } from "../skipped-text.ts"
import type { Measurement } from "../task.ts"
import type { ZeroShot } from "./accuracy.ts"

/** A row of accuracies: the model's, or a baseline's. */
export interface AccuracyRow {
  readonly name: string
  readonly accuracy: number
  readonly top5?: number | undefined
  readonly perClass: number
}

/** Accuracies of the model, of always predicting the most frequent class, and of random guessing. */
export const accuracyRows = ({ accuracy, top5, perClass, majority, classes }: ZeroShot): readonly AccuracyRow[] => [
  { name: "nearest text", accuracy, top5, perClass },
  { name: `always "${majority.label}"`, accuracy: majority.accuracy, perClass: majority.perClass },
  { name: "guessing", accuracy: 100 / classes, top5: top5 === undefined ? undefined : 500 / classes, perClass: 100 / classes }
]

const cell = (digits: number, value: number | undefined): string => (value === undefined ? "–" : value.toFixed(digits))

/** Accuracies as a table for a terminal, with the test data. */
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

/** Accuracies as a Markdown table, for a model card. */
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
