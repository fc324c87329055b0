/** Strings of a JSON text, and the numbers that Python's json module writes although JSON does not have them. */
const tokens = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?Infinity|NaN/g
const hasTokens = /NaN|Infinity/

/**
 * Returns the text as valid JSON, with each of those replaced by a number that exceeds all doubles, which is read as Infinity.
 */
const asJson = (text: string): string =>
  text.replace(tokens, (found) => (found[0] === '"' ? found : found[0] === "-" ? "-1e999" : "1e999"))

/**
 * Returns a parser of JSON that also accepts `NaN`, `Infinity` and `-Infinity`, as Python's `json.dump` writes them; all but the
 * last are read as Infinity, so that they are numbers and not texts. Throws a `SyntaxError` for other text that is not JSON.
 */
export const pythonJson = () => {
  /** True once a text had such a token: then later ones are searched for it first, which is faster than failing. */
  let seen = false
  return (text: string): unknown => {
    if (seen && hasTokens.test(text)) return JSON.parse(asJson(text))
    try {
      return JSON.parse(text)
    } catch (cause) {
      if (!hasTokens.test(text)) throw cause
      const value: unknown = JSON.parse(asJson(text))
      seen = true
      return value
    }
  }
}
