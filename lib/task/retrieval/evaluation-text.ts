import { table } from "../../log/table.ts"
import type { Evaluation } from "../evaluation.ts"
import { skippedText } from "../skipped-text.ts"
import { type RecallRow, rankingSentences, recallRows } from "./recall-rows.ts"

const cells = ({ name, recalls: r }: RecallRow): readonly string[] => [
  name,
  ...[r.tr1, r.tr5, r.tr10, r.ir1, r.ir5, r.ir10].map((value) => value.toFixed(2))
]

/** An evaluation's recalls as a table, the leading ranking first, why it leads, and on what they were measured. */
export const retrievalLines = ({ retrieval, data, seconds, skipped }: Evaluation): string => {
  const { images, texts } = retrieval
  const head = ["recall, %", "TR@1", "TR@5", "TR@10", "IR@1", "IR@5", "IR@10"]
  const bad = skipped.length > 0 ? `, ${skippedText(skipped)}` : ""
  return [
    table(head, recallRows(retrieval).map(cells)),
    ...rankingSentences(retrieval),
    `${images} images and ${texts} texts of ${data.name} in ${seconds.toFixed(1)} s${bad}`
  ].join("\n")
}
