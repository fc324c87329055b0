import { Effect, Schema } from "effect"
import { normaliseCodePoint } from "./code-point.ts"
import { packageFile } from "./package-file.ts"
import { textPackage } from "./vendor.ts"

const Names = Schema.Struct({ subgroups: Schema.Record(Schema.String, Schema.String) })
const Entry = Schema.Struct({
  hexcode: Schema.String,
  subgroup: Schema.optionalKey(Schema.Int),
  skins: Schema.optionalKey(Schema.Array(Schema.Struct({ hexcode: Schema.String })))
})

/** Loads the name of each emoji's Unicode subgroup (`animal-mammal`), by normalised code point; a few have none. */
export const loadSubgroups = Effect.gen(function* () {
  const { subgroups } = yield* packageFile(`${textPackage}/meta/groups.json`, Names)
  const entries = yield* packageFile(`${textPackage}/en/data.json`, Schema.Array(Entry))
  const named = new Map<string, string>()
  for (const { hexcode, subgroup, skins = [] } of entries) {
    const name = subgroup === undefined ? undefined : subgroups[subgroup]
    if (name !== undefined)
      for (const each of [hexcode, ...skins.map((skin) => skin.hexcode)]) named.set(normaliseCodePoint(each), name)
  }
  return named as ReadonlyMap<string, string>
}).pipe(Effect.withSpan("emoji.loadSubgroups"))
