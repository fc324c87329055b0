import { type CaptionTexts, captionTexts } from "./caption-value.ts"
import { pythonLiteral } from "./python-literal.ts"

/** The beginnings of a text that is a literal: a bracket, bytes, or the name of a container. */
const beginning = /^\s*(?:[[({]|[bB]['"]|array\(|set\(|frozenset\()/

/** True where a value contains any text: numbers in brackets are part of a caption. */
const hasText = (value: unknown): boolean =>
  typeof value !== "object" || value === null || value instanceof Uint8Array
    ? typeof value !== "number" && typeof value !== "boolean"
    : Object.values(value).some(hasText) || Object.keys(value).some((name) => !/^\d+$/.test(name))

/**
 * Returns the captions of a list that was written as text into a cell: `['a', "b's"]` as Python prints lists, tuples and sets,
 * `['a' 'b']` as numpy prints arrays, `["a", "b"]` as JSON, `[{'raw': 'a'}]`, `b'a'`; `None`, `null` and `nan` in it are no
 * texts, and other values its fault. `undefined` for any other text, which is a caption itself.
 */
export const listLiteral = (given: string): CaptionTexts | undefined => {
  if (!beginning.test(given)) return undefined
  const value = pythonLiteral(given.trim())
  if (value === undefined) return undefined
  const isEmpty = typeof value === "object" && value !== null && Object.keys(value).length === 0
  if (!isEmpty && !hasText(value)) return undefined
  return captionTexts(Array.isArray(value) ? value.filter((each) => each !== null) : value)
}

/** Returns the captions of a text: itself, or those of the list that it is. */
export const captionsIn = (text: string): CaptionTexts => listLiteral(text) ?? { texts: [text] }
