import { Effect } from "effect"
import { pairValues } from "../pipeline/samples.ts"
import type { Fields } from "../tensor/field.ts"
import { DataError } from "./data-error.ts"
import { embedded } from "./embedded/table.ts"
import { type Source, typedSource } from "./source.ts"
import { mixtureSource } from "./sources/mixture.ts"
import { parseMixture } from "./sources/mixture-name.ts"
import { openLocation } from "./sources/open-location.ts"
import { fieldsFault } from "./sources/source-fields.ts"

const prefix = "embedded:"

/** Opens the source of one name: `embedded:NAME`, or a location. */
const openOne = Effect.fnUntraced(function* (name: string, fields: Fields) {
  if (!name.startsWith(prefix)) return (yield* openLocation(name, fields)) as Source<Fields>
  const set = name.slice(prefix.length)
  if (!Object.hasOwn(embedded, set)) {
    const known = Object.keys(embedded).map((each) => prefix + each)
    return yield* new DataError({ file: name, problem: `no such embedded data; there is ${known.join(", ")}` })
  }
  return yield* embedded[set as keyof typeof embedded](name)
})

/**
 * Opens the source that `--data` names: `embedded:NAME`; a file, a folder, `s3://BUCKET/PREFIX` or a pattern of tars, with
 * options after `?` (`captions.json?images=val2014&split=test`); or several of these by weight, `A*0.7+B*0.3`. Its samples have
 * the given fields, and may have more; a source that lacks one is a `DataError` that names the field and the source's fields.
 */
export const openSource = Effect.fn("data.openSource")(function* (name: string, fields: Fields = pairValues) {
  const open = Effect.fnUntraced(function* (part: string) {
    const source = yield* openOne(part, fields)
    const fault = fieldsFault(source, fields)
    return fault === undefined ? source : yield* fault
  })
  const parts = parseMixture(name)
  // Samples have the given fields; where none are given they are pairs, as the type says.
  if (parts === undefined) return typedSource(yield* open(name))
  const opened = yield* Effect.forEach(parts, (part) => Effect.map(open(part.name), (source) => ({ ...part, source })))
  return typedSource(yield* mixtureSource(name, opened))
})
