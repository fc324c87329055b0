const deepest = 3
const allowed = new Set(Array.from(" \t\r\n0123456789,:", (character) => character.charCodeAt(0)))
const quote = 34
const backslash = 92

/** Index after the string that starts at `start`, or −1 if it does not end. */
const afterString = (text: string, start: number): number => {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === backslash) i++
    else if (code === quote) return i + 1
  }
  return -1
}

const keyFault = (keys: Set<string>, literal: string, most: number): string | undefined => {
  let name: string
  try {
    name = JSON.parse(literal)
  } catch {
    return `the header has the malformed string ${literal.slice(0, 40)}`
  }
  if (keys.has(name)) return `the header has the key ${JSON.stringify(name)} twice`
  if (keys.size >= most) return `the header has more than ${most} entries`
  keys.add(name)
  return undefined
}

/**
 * Returns an error in a safetensors header that `JSON.parse` would accept, or `undefined`: a duplicate key, nesting deeper than
 * the format's three levels, more than `mostEntries` keys in one object, and anything but objects, lists, strings and integers
 * without sign, fraction or exponent.
 * One pass without recursion, before parsing, so that a hostile header costs time linear in its length only. A text that is not
 * JSON is left for `JSON.parse` to refuse.
 */
export const headerFault = (text: string, mostEntries: number): string | undefined => {
  const open: Array<Set<string> | "list"> = []
  let previous = ""
  for (let i = 0; i < text.length; ) {
    const character = text[i]!
    if (character === '"') {
      const end = afterString(text, i)
      if (end < 0) return "the header has a string without an end"
      const inner = open.at(-1)
      // In an object, a string is a key where a member begins.
      if (inner instanceof Set && (previous === "{" || previous === ",")) {
        const fault = keyFault(inner, text.slice(i, end), mostEntries)
        if (fault !== undefined) return fault
      }
      previous = character
      i = end
      continue
    }
    if (character === "{" || character === "[") {
      open.push(character === "{" ? new Set() : "list")
      if (open.length > deepest) return `the header nests deeper than ${deepest} levels`
    } else if (character === "}" || character === "]") open.pop()
    else if (!allowed.has(text.charCodeAt(i))) return `the header has ${JSON.stringify(character)} outside a string`
    if (character !== " " && character !== "\t" && character !== "\r" && character !== "\n") previous = character
    i++
  }
  return undefined
}
