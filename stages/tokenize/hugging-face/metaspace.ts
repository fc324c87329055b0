import { Schema } from "effect"
import { type Pieces, splitAt } from "./delimiter.ts"
import { exactly } from "./pattern.ts"

const settings = Schema.Struct({
  replacement: Schema.String,
  add_prefix_space: Schema.optionalKey(Schema.NullOr(Schema.Boolean)),
  prepend_scheme: Schema.optionalKey(Schema.Literals(["always", "never", "first"])),
  split: Schema.optionalKey(Schema.NullOr(Schema.Boolean))
})

/**
 * Replaces spaces by a visible character, adds one at the start of the text or of each of its pieces, and starts a word at each
 * such character.
 */
const split = ({ replacement, add_prefix_space, prepend_scheme = "always", split: splits }: typeof settings.Type) => {
  if ([...replacement].length !== 1) throw new Error(`replacement '${replacement}' is not one character`)
  if (add_prefix_space === false && prepend_scheme !== "never")
    throw new Error(`add_prefix_space is false, but prepend_scheme is '${prepend_scheme}'`)
  const found = exactly(replacement)
  return (text: string, leading: boolean): Pieces => {
    const spaced = text.replaceAll(" ", () => replacement)
    const prefixed = prepend_scheme === "always" || (prepend_scheme === "first" && leading)
    const full = prefixed && !spaced.startsWith(replacement) ? replacement + spaced : spaced
    return splits === false ? { texts: [full], leading } : splitAt(full, leading, found, "MergedWithNext")
  }
}

/** SentencePiece's way of writing words with the space before them. */
export const metaspace = { settings, split }
