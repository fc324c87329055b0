import { join } from "node:path"
import { Effect, FileSystem, Schema } from "effect"
import { writeAtomically } from "../store/atomic.ts"
import { storeError } from "../store/store-error.ts"
import { PrepareError } from "./prepare-error.ts"
import type { JobFacts } from "./prepare-job.ts"

/** The file that says what a folder's shards are a function of, written before the first of them. */
const beginningName = "prepare.json"

const Beginning = Schema.fromJsonString(
  Schema.Struct({ format: Schema.Literals(["semmim-prepare"]), facts: Schema.Record(Schema.String, Schema.String) })
)

const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text)

/** The first thing that is another now than when the shards were begun, as a sentence. */
const difference = (then: JobFacts, now: JobFacts): string | undefined => {
  const name = Object.keys({ ...then, ...now }).find((each) => then[each] !== now[each])
  if (name === undefined) return undefined
  const said = (value: string | undefined) => (value === undefined ? "nothing" : cut(value))
  return `its shards were begun with ${name} ${said(then[name])}, but here it is ${said(now[name])}: choose another --out`
}

/**
 * Begins a folder of shards, or makes sure that what was begun there was the same: other settings, data or versions of sharp and
 * libvips would make shards that do not belong together. A folder with anything else in it is refused.
 */
export const beginOrGoOn = Effect.fn("prepare.beginOrGoOn")(function* (folder: string, facts: JobFacts) {
  const fs = yield* FileSystem.FileSystem
  const path = join(folder, beginningName)
  const names = yield* fs.readDirectory(folder).pipe(Effect.mapError(storeError(folder)))
  if (!names.includes(beginningName)) {
    const other = names.find((name) => !name.startsWith("."))
    if (other !== undefined)
      return yield* new PrepareError({
        folder,
        problem: `'${other}' is in it, and no shards were begun there: choose another --out`
      })
    yield* writeAtomically(path, `${JSON.stringify({ format: "semmim-prepare", facts }, null, 1)}\n`)
    return
  }
  const text = yield* fs.readFileString(path).pipe(Effect.mapError(storeError(path)))
  const begun = Schema.decodeUnknownOption(Beginning)(text)
  if (begun._tag === "None") return yield* new PrepareError({ folder, problem: `${beginningName} is none` })
  const problem = difference(begun.value.facts, facts)
  if (problem !== undefined) return yield* new PrepareError({ folder, problem })
})
