/** The closing bracket of each opening one: of lists, tuples, and sets and dicts. */
const closing: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}" }

const simple: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  "\n": "",
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "/": "/"
}

/** One escape of a string in quotes, as in Python and JSON. */
const oneEscape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g

const unescaped = (body: string): string | undefined => {
  let known = true
  const text = body.replace(oneEscape, (all, x, u, U, octal, one: string | undefined) => {
    const code = x ?? u ?? U
    if (code !== undefined && Number.parseInt(code, 16) > 0x10ffff) known = false
    else if (code !== undefined)
      return u === undefined ? String.fromCodePoint(Number.parseInt(code, 16)) : String.fromCharCode(Number.parseInt(code, 16))
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
    // An unknown escape is two characters, as in Python.
    return one !== undefined && Object.hasOwn(simple, one) ? simple[one]! : all
  })
  return known ? text : undefined
}

/** A string in either quotes, or bytes. */
const string = /([uUbB]?)('(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*")/y
const word = /None|null|nan|NaN|True|False|true|false|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y
const space = /\s*/y
/** The separator after an element: a comma, or white space as numpy prints it. */
const between = /\s*(,?)\s*/y
const colon = /\s*:\s*/y

/** Maximum nesting of brackets that is parsed. */
const deepest = 8

/** A value of a literal, and its end. */
interface Parsed {
  readonly value: unknown
  readonly end: number
}

const matched = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at
  return pattern.exec(text)
}
const endOf = (pattern: RegExp, text: string, at: number): number => at + (matched(pattern, text, at)?.[0].length ?? 0)

const stringAt = (text: string, at: number): Parsed | undefined => {
  const found = matched(string, text, at)
  const value = found ? unescaped(found[2]!.slice(1, -1)) : undefined
  if (!found || value === undefined) return undefined
  const isBytes = found[1]!.toLowerCase() === "b"
  return { value: isBytes ? Uint8Array.from(Buffer.from(value, "latin1")) : value, end: at + found[0].length }
}

const wordAt = (text: string, at: number): Parsed | undefined => {
  const found = matched(word, text, at)?.[0]
  if (found === undefined) return undefined
  const value = /^[tT]rue$/.test(found) ? true : /^[fF]alse$/.test(found) ? false : /^[nN]/.test(found) ? null : Number(found)
  return { value, end: at + found.length }
}

const bracketsAt = (text: string, start: number, depth: number): Parsed | undefined => {
  const end = closing[text[start]!]!
  const values: unknown[] = []
  const members = new Map<string, unknown>()
  let isTuple = false
  let isDict = end === "}" && text[endOf(space, text, start + 1)] === end
  for (let at = start + 1, count = 0; ; count++) {
    const gap = matched(between, text, at)!
    if (count > 0 && gap[1] === ",") isTuple = true
    else if (gap[1] === ",") return undefined
    at += gap[0].length
    if (text[at] === end) {
      // A value in brackets is a tuple only if it has a comma: ("one") is a text in brackets.
      if (end === ")" && !isTuple && count > 0) return undefined
      return { value: isDict ? Object.fromEntries(members) : values, end: at + 1 }
    }
    // 'a''b' without a space is one text in Python. Only arrays separate values by a space alone.
    if (count > 0 && (gap[0] === "" || (end === "}" && gap[1] === ""))) return undefined
    const found = valueAt(text, at, depth + 1)
    if (found === undefined) return undefined
    at = found.end
    const mark = end === "}" ? endOf(colon, text, at) : at
    if (count === 0) isDict = mark > at
    else if (isDict !== mark > at) return undefined
    if (!isDict) {
      values.push(found.value)
      continue
    }
    const member = valueAt(text, mark, depth + 1)
    if (member === undefined) return undefined
    members.set(String(found.value), member.value)
    at = member.end
  }
}

const valueAt = (text: string, at: number, depth: number): Parsed | undefined => {
  if (closing[text[at] ?? ""] !== undefined) return depth < deepest ? bracketsAt(text, at, depth) : undefined
  return stringAt(text, at) ?? wordAt(text, at)
}

/**
 * Returns the value of a text that is, from end to end, a list, tuple, set or dict as Python prints them, an array as numpy
 * prints it (`['a' 'b']`), or a list or object of JSON; sets are lists, `None` and `nan` are `null`, bytes are a `Uint8Array`. So
 * are bytes alone (`b'…'`); any other text is `undefined`.
 */
export const pythonLiteral = (given: string): unknown => {
  const wrapped = /^(?:array|frozenset|set)\(([\s\S]*?)(?:,\s*dtype=[^()]*)?\)$/.exec(given)
  if (wrapped && wrapped[1]!.trim() === "") return []
  const text = (wrapped ? wrapped[1]! : given).trim()
  const isBytes = /^[bB]['"]/.test(text)
  if (closing[text[0] ?? ""] === undefined && !isBytes) return undefined
  // A text that does not end with its opening bracket's counterpart need not be parsed.
  if (!text.endsWith(isBytes ? text[1]! : closing[text[0]!]!)) return undefined
  const found = isBytes ? stringAt(text, 0) : valueAt(text, 0, 0)
  return found?.end === text.length ? found.value : undefined
}
