import { Effect } from "effect"
import type { Fields } from "../../tensor/field.ts"
import { DataError } from "../data-error.ts"
import { readIssues } from "../read-issues.ts"
import { type JsonItem, jsonItems } from "../sources/json-items.ts"
import { jsonLines } from "../sources/json-lines.ts"
import { linesKind } from "../sources/lines-kind.ts"
import { checkOptions, type Location } from "../sources/location.ts"
import { isObject, kindOfValue, memberOf } from "../sources/members.ts"
import { readPieces } from "../sources/read-bytes.ts"
import type { TextHead } from "../sources/text-head.ts"
import { transcoded } from "../sources/transcoded.ts"
import { wantedSplits } from "../sources/wanted-splits.ts"
import { namesOf } from "./record-members.ts"
import { recordRows } from "./record-rows.ts"
import { recordSource } from "./record-source.ts"

/**
 * Reads a JSON list of objects, or JSON lines, whose members are the fields of samples, as ALBEF's `[{ "image", "question",
 * "answer" }, …]`. Options: `?FIELD=MEMBER`, `split`, `images`, `encoding`.
 */
export const recordJson = Effect.fn("data.recordJson")(function* (location: Location, fields: Fields, text: TextHead) {
  yield* checkOptions(location, "a list", ["images", "encoding", "split", ...Object.keys(fields)])
  const refuse = (problem: string) => new DataError({ file: location.name, problem })
  const names = Object.keys(fields).map((field) => [field, namesOf(field, location)] as const)
  const read = Effect.fnUntraced(function* (lines: boolean) {
    const [splits, issues, all] = [wantedSplits(location), readIssues(), recordRows(fields)]
    let entries = 0
    const bad = (reason: string, index: number) => {
      issues.bad(reason, lines ? `line ${index + 1}` : `entry ${index}`)
      return undefined
    }
    const take = ({ key, index, value, fault }: JsonItem): undefined => {
      if (key !== "" || index < 0) return undefined
      entries++
      if (fault !== undefined) return bad(fault.reason, index)
      if (!isObject(value)) return bad(kindOfValue(value), index)
      const split = memberOf(value, "split")
      if (!splits.takes(typeof split === "string" ? split : undefined)) return undefined
      const own = new Map(names.map(([field, known]) => [field, known.find((name) => Object.hasOwn(value, name)) ?? field]))
      const wrong = all.add((field) => memberOf(value, own.get(field)!), String(index))
      return wrong === undefined ? undefined : bad(wrong, index)
    }
    const items = jsonItems(take)
    const reader = lines ? jsonLines(text.encoding, take, text.lineEnd) : transcoded(text.encoding, items)
    const sha256 = yield* Effect.result(readPieces(location.path, reader.push, text.gzip))
    const problem = sha256._tag === "Failure" ? sha256.failure.problem : reader.end()
    return { splits, issues, all, sha256, problem, entries, areLines: items.goesOn() || linesKind(text.lines) === "json" }
  })
  const whole = yield* read(false)
  // One object alone may be the one line of its file.
  const found = whole.entries === 0 || (whole.problem !== undefined && whole.areLines) ? yield* read(true) : whole
  const { splits, issues, all, sha256, problem, entries } = found.entries === 0 ? whole : found
  if (sha256._tag === "Failure") return yield* sha256.failure
  if (problem !== undefined) return yield* refuse(problem)
  if (entries === 0) return yield* refuse(`no list of objects; expected [{ ${Object.keys(fields).join(", ")} }, …] or one a line`)
  splits.tell(issues)
  const [first] = names.filter(([field]) => issues.all()[0]?.reason.startsWith(`${field} is missing`))
  const hint = first && `name the member of '${first[0]}' by ?${first[0]}=NAME`
  const refusal = issues.refusal({ entries, used: all.count() + splits.excluded(), noun: "entries", hint })
  if (refusal !== undefined) return yield* refuse(refusal)
  if (all.count() === 0) return yield* refuse(splits.nothing())
  const made = ["json", sha256.success, splits.names, names.map(([, known]) => known[0]), text.encoding]
  return yield* recordSource({ location, fields, ...all.done(), made, issues: issues.all(), candidates: [".", "images"] })
})
