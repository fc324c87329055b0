import { Schema } from "effect"
import { natural, SettingsError } from "../../lib/pipeline/settings.ts"
import type { SpecialIds } from "../../lib/pipeline/vocabulary.ts"

const names = ["pad", "unknown", "cls", "sep", "mask"] as const

/** Special ids as settings; omitted ones are the vocabulary's. */
export const Special = Schema.Struct({
  pad: Schema.optionalKey(natural),
  unknown: Schema.optionalKey(natural),
  cls: Schema.optionalKey(natural),
  sep: Schema.optionalKey(natural),
  mask: Schema.optionalKey(natural),
  others: Schema.optionalKey(Schema.Array(natural))
}).annotate({ identifier: "tokens.special" })

/** Special ids, including that of the mask token. */
export interface MaskingIds extends SpecialIds {
  readonly mask: number
}

const listed = (items: readonly string[]): string =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`

/**
 * Completes the settings' ids by the vocabulary's. Throws a `SettingsError` that names the ids that differ; only a mask may be
 * given where the vocabulary has none.
 */
export const completedSpecial = (
  path: string,
  given: SpecialIds,
  known: SpecialIds,
  file: string | null | undefined
): MaskingIds => {
  const whose = typeof file === "string" ? ` (${file})` : ""
  const refuse = (problem: string) => new SettingsError({ stage: path, problem })
  const wrong = names.filter(
    (name) => given[name] !== undefined && given[name] !== known[name] && !(name === "mask" && known.mask === undefined)
  )
  if (wrong.length > 0)
    throw refuse(
      `${path}.special says ${wrong.map((name) => `${name} ${given[name]}`).join(", ")}; the vocabulary has ${listed(
        wrong.map((name) => String(known[name] ?? "none"))
      )}${whose}`
    )
  const others = known.others ?? []
  if (given.others !== undefined && `${given.others}` !== `${others}`)
    throw refuse(
      `${path}.special says others ${given.others.join(", ") || "none"}; the vocabulary has ${others.join(", ") || "none"}${whose}`
    )
  const mask = given.mask ?? known.mask
  if (mask === undefined)
    throw refuse(`${path}: the vocabulary has no token [MASK] or <mask>, so no word can be hidden behind one${whose}`)
  return { ...known, mask }
}
