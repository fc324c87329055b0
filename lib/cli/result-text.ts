import { Schema } from "effect"
import { Retrieval } from "../evaluate/retrieval.ts"

const row = ({ tr1, ir1 }: { readonly tr1: number; readonly ir1: number }): string =>
  `TR@1 ${tr1.toFixed(2)} IR@1 ${ir1.toFixed(2)}`

/** What a submission came to: its recalls and where its report is. */
export const resultText = (
  found: { readonly retrieval: unknown; readonly report: string },
  json: boolean,
  folder: string
): string => {
  if (json) return JSON.stringify({ folder, report: found.report, retrieval: found.retrieval })
  const retrieval = Schema.decodeUnknownOption(Retrieval)(found.retrieval)
  const recalls =
    retrieval._tag === "Some" ? [`re-ranked ${row(retrieval.value)}, cosine alone ${row(retrieval.value.dual)}`] : []
  return [...recalls, `report: ${found.report}`].join("\n")
}
