import { join } from "node:path"
import { Effect, FileSystem, Schema } from "effect"
import { manifestName } from "../data/shards/manifest.ts"
import { writeAtomically } from "../store/atomic.ts"
import { storeError } from "../store/store-error.ts"
import { PrepareError } from "./prepare-error.ts"
import type { JobFacts } from "./prepare-job.ts"

/** File that records everything that determines a folder's shards, written before the first of them. */
const beginningName = "prepare.json"

const Beginning = Schema.fromJsonString(
  Schema.Struct({ format: Schema.Literals(["semmim-prepare"]), facts: Schema.Record(Schema.String, Schema.String) })
)

const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text)

/** Facts that change with the source: itself, and the stages, which build vocabularies from all captions. */
const ofSource: readonly string[] = ["source", "stages"]

/** Returns the first fact that differs from those with which the shards were started, as a message. */
const difference = (then: JobFacts, now: JobFacts, update: boolean): string | undefined => {
  const changed = Object.keys({ ...then, ...now }).filter((each) => then[each] !== now[each])
  const name = changed.find((each) => !(update && ofSource.includes(each)))
  if (name === undefined) return undefined
  const said = (value: string | undefined) => (value === undefined ? "nothing" : cut(value))
  return `its shards were started with ${name} ${said(then[name])}, but here it is ${said(now[name])}: ${changed.every((each) => ofSource.includes(each)) ? "--update brings them up to date, or " : ""}choose another --out`
}

/**
 * Starts a folder of shards, or checks that the shards in it were started the same way: other settings, data or versions of sharp
 * and libvips would make shards that do not belong together. A folder with anything else in it is refused. With `update` the
 * source may have changed: the folders named in `sets` are then not shard sets any more, until they have their manifests again.
 */
export const beginOrGoOn = Effect.fn("prepare.beginOrGoOn")(function* (
  folder: string,
  facts: JobFacts,
  { update, sets }: { readonly update: boolean; readonly sets: readonly string[] }
) {
  const fs = yield* FileSystem.FileSystem
  const path = join(folder, beginningName)
  const names = yield* fs.readDirectory(folder).pipe(Effect.mapError(storeError(folder)))
  const begin = writeAtomically(path, `${JSON.stringify({ format: "semmim-prepare", facts }, null, 1)}\n`)
  if (!names.includes(beginningName)) {
    const other = names.find((name) => !name.startsWith("."))
    if (other !== undefined)
      return yield* new PrepareError({
        folder,
        problem: `'${other}' is in it, and no shards were started there: choose another --out`
      })
    return yield* begin
  }
  const text = yield* fs.readFileString(path).pipe(Effect.mapError(storeError(path)))
  const started = Schema.decodeUnknownOption(Beginning)(text)
  if (started._tag === "None") return yield* new PrepareError({ folder, problem: `${beginningName} is none` })
  const problem = difference(started.value.facts, facts, update)
  if (problem !== undefined) return yield* new PrepareError({ folder, problem })
  if (!update) return
  for (const set of sets) {
    const manifest = join(set, manifestName)
    yield* fs.remove(manifest, { force: true }).pipe(Effect.mapError(storeError(manifest)))
  }
  yield* begin
})
