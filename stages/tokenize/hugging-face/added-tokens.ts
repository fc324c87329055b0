import { Schema } from "effect"
import type { PieceModel } from "./piece-model.ts"
import { classes } from "./unicode.ts"

/** A token that is matched in texts before they are split. */
export const AddedToken = Schema.Struct({
  content: Schema.String,
  single_word: Schema.Boolean,
  lstrip: Schema.Boolean,
  rstrip: Schema.Boolean,
  normalized: Schema.Boolean,
  special: Schema.Boolean
})
type AddedToken = typeof AddedToken.Type

/** An added token with the id that `tokenizers` gives it: the model's, or the next free one. The id in the file is ignored. */
export interface NumberedToken extends AddedToken {
  readonly id: number
}

/** Numbers added tokens as `tokenizers` does. */
export const numbered = (tokens: readonly AddedToken[], { ids, count }: PieceModel): readonly NumberedToken[] => {
  const known = new Map<string, number>()
  let next = count
  return tokens.flatMap((token) => {
    if (token.content === "") return []
    const id = known.get(token.content) ?? ids.get(token.content) ?? next++
    known.set(token.content, id)
    return [{ ...token, id }]
  })
}

/** A section of a text: a token's id, or text without added tokens. */
export interface Section {
  readonly text: string
  readonly id: number | undefined
  readonly start: number
}

const escaped = (text: string): string =>
  text.replace(/[^A-Za-z0-9]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
const endsWithWord = new RegExp(`[${classes.word}]$`, "v")
const startsWithWord = new RegExp(`^[${classes.word}]`, "v")
const spaceAtEnd = new RegExp(`[${classes.whiteSpace}]*$`, "v")
const spaceAtStart = new RegExp(`^[${classes.whiteSpace}]*`, "v")

/**
 * Returns a function that finds tokens in texts, the leftmost first and the longest of several; `patterns` are their spellings at
 * that step. Special tokens are plain text: their names in a caption are ordinary words.
 */
export const tokenFinder = (
  tokens: readonly NumberedToken[],
  patterns: readonly string[]
): ((text: string) => readonly Section[]) => {
  const byPattern = new Map(patterns.map((pattern, i) => [pattern, tokens[i]!]))
  byPattern.delete("")
  if (![...byPattern.values()].some(({ special }) => !special)) return (text) => [{ text, id: undefined, start: 0 }]
  const longestFirst = [...byPattern.keys()].sort((a, b) => b.length - a.length)
  const found = new RegExp(longestFirst.map(escaped).join("|"), "gv")
  return (text) => {
    const sections: Section[] = []
    let last = 0
    for (const { 0: match, index } of text.matchAll(found)) {
      const token = byPattern.get(match)!
      let [start, end] = [index, index + match.length]
      if (token.special) continue
      if (token.single_word && (endsWithWord.test(text.slice(0, start)) || startsWithWord.test(text.slice(end)))) continue
      if (token.lstrip) start = Math.max(last, start - spaceAtEnd.exec(text.slice(last, start))![0].length)
      if (token.rstrip) end += spaceAtStart.exec(text.slice(end))![0].length
      if (last < start) sections.push({ text: text.slice(last, start), id: undefined, start: last })
      sections.push({ text: text.slice(start, end), id: token.id, start })
      last = end
    }
    if (last < text.length) sections.push({ text: text.slice(last), id: undefined, start: last })
    return sections
  }
}
