import { table } from "../../log/table.ts"
import { skippedText } from "../skipped-text.ts"
import type { Measurement } from "../task.ts"
import { type RecallRow, rankingSentences, recallRows } from "./recall-rows.ts"
import type { Retrieval } from "./retrieve.ts"

const cells = ({ name, recalls: r }: RecallRow): readonly string[] => [
  name,
  ...[r.tr1, r.tr5, r.tr10, r.ir1, r.ir5, r.ir10].map((value) => value.toFixed(2))
]

/** Recalls as a table for a terminal, the leading ranking first, with the reason why it leads and the test data. */
export const retrievalText = ({ metrics, data, seconds, skipped }: Measurement<Retrieval, unknown>): readonly string[] => {
  const { images, texts } = metrics
  const head = ["recall, %", "TR@1", "TR@5", "TR@10", "IR@1", "IR@5", "IR@10"]
  const bad = skipped.length > 0 ? `, ${skippedText(skipped)}` : ""
  return [
    table(head, recallRows(metrics).map(cells)),
    ...rankingSentences(metrics),
    `${images} images and ${texts} texts of ${data.name} in ${seconds.toFixed(1)} s${bad}`
  ]
}

const percent = (value: number): string => value.toFixed(1)

/** Recalls as a Markdown table, for a model card. */
export const retrievalCard = ({ metrics, data }: Measurement<Retrieval, unknown>): string => {
  const { images, texts } = metrics
  const row = ({ name, recalls: r }: RecallRow): string =>
    `| ${[name, ...[r.tr1, r.tr5, r.tr10, r.ir1, r.ir5, r.ir10].map(percent)].join(" | ")} |`
  const sentences = rankingSentences(metrics).map((sentence) => `\n- ${sentence}`)
  return `Retrieval among ${images} images and ${texts} texts of \`${data.name}\`, recall in percent:

| | text @1 | @5 | @10 | image @1 | @5 | @10 |
|---|---|---|---|---|---|---|
${recallRows(metrics).map(row).join("\n")}
${sentences.join("")}${sentences.length > 0 ? "\n" : ""}`
}
