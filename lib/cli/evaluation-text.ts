import type { Evaluation } from "../evaluate/evaluation.ts"
import { table } from "./table.ts"

/** An evaluation's recalls as a table, and on what they were measured. */
export const retrievalLines = ({ retrieval, data, seconds, skipped }: Evaluation): string => {
  const { images, texts, dual } = retrieval
  const row = (name: string, r: typeof dual): readonly string[] => [
    name,
    ...[r.tr1, r.tr5, r.tr10, r.ir1, r.ir5, r.ir10].map((value) => value.toFixed(2))
  ]
  const head = ["recall, %", "TR@1", "TR@5", "TR@10", "IR@1", "IR@5", "IR@10"]
  const bad = skipped.length > 0 ? `, ${skipped.length} samples could not be used` : ""
  return [
    table(head, [row("re-ranked", retrieval), row("cosine alone", dual)]),
    `${images} pictures and ${texts} texts of ${data.name} in ${seconds.toFixed(1)} s${bad}`
  ].join("\n")
}
