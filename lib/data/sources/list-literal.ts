/** The closing bracket of each opening one of lists and tuples. */
const closing: Readonly<Record<string, string>> = { "[": "]", "(": ")" }

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

/** One escape of a string in quotes, as Python and JSON have them. */
const oneEscape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|([\s\S]))/g

const unescaped = (body: string): string | undefined => {
  let known = true
  const text = body.replace(oneEscape, (all, x, u, U, octal, one: string | undefined) => {
    const code = x ?? u ?? U
    if (code !== undefined && Number.parseInt(code, 16) > 0x10ffff) known = false
    else if (code !== undefined)
      return u === undefined ? String.fromCodePoint(Number.parseInt(code, 16)) : String.fromCharCode(Number.parseInt(code, 16))
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
    // An unknown escape is two characters, as Python has it.
    return one !== undefined && Object.hasOwn(simple, one) ? simple[one]! : all
  })
  return known ? text : undefined
}

/** An element: a string in either quotes, or what stands for none. */
const element = /\s*(?:[uU]?('(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*")|(None|null|nan|NaN))/y
/** What stands after an element: a comma, or white space as numpy prints it. */
const between = /\s*(,?)\s*/y

/**
 * The texts of a list that was written as text into a cell: `['a', "b's"]` as Python prints lists and tuples, `['a' 'b']` as numpy
 * prints arrays, `["a", "b"]` as JSON; `None`, `null` and `nan` are no texts. `undefined` for any other text.
 */
export const listLiteral = (given: string): readonly string[] | undefined => {
  const first = /^\s/.test(given) ? given.trimStart() : given
  if (first[0] !== "[" && first[0] !== "(" && !first.startsWith("array(")) return undefined
  const array = /^array\(([\s\S]*?)(?:,\s*dtype=[^()]*)?\)\s*$/.exec(first)
  const text = (array ? array[1]! : first).trim()
  const end = closing[text[0] ?? ""]
  if (end === undefined || !text.endsWith(end)) return undefined
  const texts: string[] = []
  let at = 1
  let isTuple = false
  const last = text.length - 1
  for (let count = 0; ; count++) {
    between.lastIndex = at
    const gap = between.exec(text)!
    if (count > 0 && gap[1] === ",") isTuple = true
    else if (gap[1] === ",") return undefined
    at = Math.min(between.lastIndex, last)
    // A text in brackets is a list only if it has a comma, or its brackets are square: ("one") is a text in brackets.
    if (at === last) return end === ")" && !isTuple && count > 0 ? undefined : texts
    // 'a''b' without a space is one text for Python, and for nobody two.
    if (count > 0 && gap[0] === "") return undefined
    element.lastIndex = at
    const found = element.exec(text)
    if (!found || element.lastIndex > last) return undefined
    at = element.lastIndex
    if (found[1] === undefined) continue
    const value = unescaped(found[1].slice(1, -1))
    if (value === undefined) return undefined
    texts.push(value)
  }
}

/** The captions of a text: itself, or those of the list that it is. */
export const captionsIn = (text: string): readonly string[] => listLiteral(text) ?? [text]
