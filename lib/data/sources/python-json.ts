/** Strings of a JSON text, and the numbers that Python's json module writes though JSON has none such. */
const tokens = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?Infinity|NaN/g
const hasTokens = /NaN|Infinity/

/** The text as JSON has it: with a number beyond all doubles, which is read as Infinity, for each of those. */
const asJson = (text: string): string =>
  text.replace(tokens, (found) => (found[0] === '"' ? found : found[0] === "-" ? "-1e999" : "1e999"))

/**
 * A parser of JSON that takes `NaN`, `Infinity` and `-Infinity` too, as Python's `json.dump` writes them; all but the last are read as
 * Infinity, so that they are a number and no text. Throws a `SyntaxError` for what is no JSON even so.
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
