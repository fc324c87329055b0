import { isTokenLine } from "./flickr-tokens.ts"
import { pythonJson } from "./python-json.ts"

/** Maximum number of lines that are examined. */
const most = 40

/**
 * Returns the kind of a text by most of its first lines except the very first, which may be broken like any other: JSON lines, or
 * a token file's; `undefined` where it is neither.
 */
export const linesKind = (lines: readonly string[]): "json" | "tokens" | undefined => {
  const rest = lines
    .filter((line) => line.trim() !== "")
    .slice(1, most)
    .map((line) => line.trim())
  const parse = pythonJson()
  const isJsonLine = (line: string): boolean => {
    if (line[0] !== "{" && line[0] !== "[") return false
    try {
      parse(line)
      return true
    } catch {
      return false
    }
  }
  const areMost = (is: (line: string) => boolean) => 2 * rest.filter(is).length > rest.length
  if (rest.length === 0) return undefined
  return areMost(isTokenLine) ? "tokens" : areMost(isJsonLine) ? "json" : undefined
}
