import { Effect } from "effect"
import type { Fields } from "../../tensor/field.ts"
import { DataError } from "../data-error.ts"
import { readIssues } from "../read-issues.ts"
import { checkOptions, type Location } from "../sources/location.ts"
import { readPieces } from "../sources/read-bytes.ts"
import type { TextHead } from "../sources/text-head.ts"
import { textLines } from "../sources/text-lines.ts"
import { recordRows } from "./record-rows.ts"
import { recordSource } from "./record-source.ts"

/** Reads a text whose every line is a sample of one field; empty lines are skipped. */
export const recordLines = Effect.fn("data.recordLines")(function* (
  location: Location,
  fields: Fields,
  { encoding, lineEnd, gzip }: TextHead
) {
  yield* checkOptions(location, "lines of text", ["encoding"])
  const [issues, all] = [readIssues(), recordRows(fields)]
  let lines = 0
  const reader = textLines(
    encoding,
    (line, number, fault) => {
      const text = line.trim()
      if (text === "") return undefined
      lines++
      if (fault !== undefined) return issues.bad(`not ${encoding.toUpperCase()}`, `line ${number}, ${fault}`)
      const wrong = all.add(() => text, String(number))
      return wrong === undefined ? undefined : issues.bad(wrong, `line ${number}`)
    },
    lineEnd
  )
  const sha256 = yield* readPieces(location.path, reader.push, gzip)
  const problem = reader.end() ?? issues.refusal({ entries: lines, used: all.count(), noun: "lines" })
  if (problem !== undefined) return yield* new DataError({ file: location.name, problem })
  return yield* recordSource({ location, fields, ...all.done(), made: ["lines", sha256, encoding], issues: issues.all() })
})
