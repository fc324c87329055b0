import { Effect, Schema } from "effect"
import { normaliseCodePoint } from "./code-point.ts"
import { packageFile } from "./package-file.ts"
import { textPackage } from "./vendor.ts"

/** Languages with names and tags, as emojibase-data names their folders. */
export const languages: readonly string[] =
  "bn da de en en-gb es es-mx et fi fr hi hu it ja ko lt ms nb nl pl pt ru sv th uk vi zh zh-hant".split(" ")

/** Name of one emoji in one language, and its tags: mostly single words, in the package's order. */
export interface EmojiText {
  readonly label: string
  readonly tags: readonly string[]
}

const Words = Schema.optionalKey(Schema.Array(Schema.String))
const Entry = Schema.Struct({
  hexcode: Schema.String,
  label: Schema.String,
  tags: Words,
  skins: Schema.optionalKey(Schema.Array(Schema.Struct({ hexcode: Schema.String, label: Schema.String, tags: Words })))
})

/** Loads the texts of a language by normalised code point; a skin-tone variant without tags has those of its base. */
export const loadTexts = Effect.fn("emoji.loadTexts")(function* (language: string) {
  const entries = yield* packageFile(`${textPackage}/${language}/data.json`, Schema.Array(Entry))
  const texts = new Map<string, EmojiText>()
  for (const { hexcode, label, tags = [], skins = [] } of entries) {
    texts.set(normaliseCodePoint(hexcode), { label, tags })
    for (const skin of skins) texts.set(normaliseCodePoint(skin.hexcode), { label: skin.label, tags: skin.tags ?? tags })
  }
  return texts as ReadonlyMap<string, EmojiText>
})

/** Joins the label and those tags whose words it does not contain: `nerd face, brainy, clever, expert`. */
export const describe = ({ label, tags }: EmojiText): string => {
  const said = new Set(label.toLowerCase().split(/[\s:,]+/))
  const news = tags.filter(
    (tag) =>
      !tag
        .toLowerCase()
        .split(/\s+/)
        .every((word) => said.has(word))
  )
  return [label, ...news].join(", ")
}
