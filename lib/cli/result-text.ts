import { Schema } from "effect"
import { type RecallRow, rankingSentences, recallRows } from "../task/retrieval/recall-rows.ts"
import { Retrieval } from "../task/retrieval/retrieval.ts"

const brief = ({ name, recalls: { tr1, ir1 } }: RecallRow): string => `${name} TR@1 ${tr1.toFixed(2)} IR@1 ${ir1.toFixed(2)}`

/** What a submission came to: its recalls, the leading ranking first, why it leads, and where its report is. */
export const resultText = (
  found: { readonly retrieval: unknown; readonly report: string },
  json: boolean,
  folder: string
): string => {
  if (json) return JSON.stringify({ folder, report: found.report, retrieval: found.retrieval })
  const retrieval = Schema.decodeUnknownOption(Retrieval)(found.retrieval)
  const recalls =
    retrieval._tag === "Some" ? [recallRows(retrieval.value).map(brief).join(", "), ...rankingSentences(retrieval.value)] : []
  return [...recalls, `report: ${found.report}`].join("\n")
}
