import type { JsonItem } from "./json-items.ts"
import { pythonJson } from "./python-json.ts"
import { type LineReader, textLines } from "./text-lines.ts"

/**
 * Reads a text of JSON lines, one value per line, as elements of a list; empty lines are skipped. A line that is not JSON, or
 * whose bytes are not of the encoding, is an item with a fault.
 */
export const jsonLines = (
  encoding: string,
  each: (item: JsonItem) => string | undefined,
  lineEnd: "\n" | "\r" = "\n"
): LineReader => {
  const parse = pythonJson()
  return textLines(
    encoding,
    (line, number, fault) => {
      if (line === "" || line.trim() === "") return undefined
      const item = { key: "", index: number - 1 }
      if (fault !== undefined)
        return each({ ...item, value: undefined, fault: { reason: `not ${encoding.toUpperCase()}`, detail: fault } })
      try {
        return each({ ...item, value: parse(line) })
      } catch (cause) {
        if (!(cause instanceof SyntaxError)) throw cause
        return each({ ...item, value: undefined, fault: { reason: "no JSON" } })
      }
    },
    lineEnd
  )
}
