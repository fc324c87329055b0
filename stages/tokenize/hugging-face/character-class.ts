import { property16 } from "./unicode.ts"

/** A pattern and the position up to which it has been read. */
export interface Reader {
  readonly source: string
  at: number
}

/** Skips a text if the pattern continues with it; returns whether it does. */
export const take = (reader: Reader, text: string): boolean => {
  if (!reader.source.startsWith(text, reader.at)) return false
  reader.at += text.length
  return true
}

/** Skips and returns the match of a sticky regular expression. */
export const takeMatch = (reader: Reader, pattern: RegExp): RegExpExecArray | null => {
  pattern.lastIndex = reader.at
  const found = pattern.exec(reader.source)
  if (found) reader.at = pattern.lastIndex
  return found
}

/** Returns an `Error` for syntax that JavaScript's regular expressions lack or interpret otherwise. */
export const unsupported = (what: string): Error => new Error(`its pattern has ${what}, which is not supported`)

/** Escapes a code point for a regular expression. */
export const literal = (character: string): string =>
  /^[A-Za-z0-9]$/.test(character) ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`

const categories = /^(?:[LMNPSZ]|L[ultmo]|M[nce]|N[dlo]|P[cdseifo]|S[mcko]|Z[slp])$/
const scripts = new Set([
  "Arabic",
  "Cyrillic",
  "Devanagari",
  "Greek",
  "Han",
  "Hangul",
  "Hebrew",
  "Hiragana",
  "Katakana",
  "Latin",
  "Thai"
])

/** U+0295 was a lower-case letter until Unicode 17. */
const moved: { readonly [name: string]: (set: string) => string } = {
  Ll: (set) => `${set}\\u{295}`,
  Lo: (set) => `[${set}--\\u{295}]`
}

const property = (name: string): string => {
  const known = categories.test(name) ? name : scripts.has(name) ? `Script=${name}` : undefined
  if (known === undefined) throw unsupported(`\\p{${name}}`)
  const set = property16(`\\p{${known}}`)
  return Object.hasOwn(moved, name) ? moved[name]!(set) : set
}

const word = property16("[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}]")

/** Oniguruma counts some numerals as word characters outside of classes only. */
const shorthand = (letter: string, inClass: boolean): string | undefined => {
  if (letter === "s") return "\\p{White_Space}"
  if (letter === "d") return property16("\\p{Nd}")
  if (letter === "w") return inClass ? word : `${word}\\xb2\\xb3\\xb9\\xbc-\\xbe`
  return undefined
}

const controls: { readonly [letter: string]: string } = { n: "\n", r: "\r", t: "\t", f: "\f", v: "\v", a: "\x07", e: "\x1b" }

/** Meaning of an escape: one character, or the content of a class. */
export type Escaped = { readonly character: string } | { readonly set: string }

/** Reads the rest of an escape after its backslash. */
export const readEscape = (reader: Reader, inClass: boolean): Escaped => {
  const named = takeMatch(reader, /([pP])\{(\^?)([A-Za-z]+)\}/y)
  if (named) {
    const set = property(named[3]!)
    return { set: (named[1] === "P") === (named[2] === "^") ? set : `[^${set}]` }
  }
  const hex = takeMatch(reader, /(?:x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))/y)
  if (hex) return { character: String.fromCodePoint(Number.parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16)) }
  const [letter] = takeMatch(reader, /[\s\S]/uy) ?? [""]
  const set = shorthand(letter.toLowerCase(), inClass)
  if (set !== undefined) return { set: letter === letter.toLowerCase() ? set : `[^${set}]` }
  if (Object.hasOwn(controls, letter)) return { character: controls[letter]! }
  if (letter === "" || /[A-Za-z0-9]/.test(letter)) throw unsupported(`\\${letter}`)
  return { character: letter }
}

/** Returns a class of a letter in either case and the other characters that Unicode folds to it. */
export const anyCase = (character: string): string => {
  if (character > "\x7f") throw unsupported(`(?i:) with '${character}'`)
  const both = new Set([character.toLowerCase(), character.toUpperCase()])
  const folded = { s: "\u017f", k: "\u212a" }[character.toLowerCase()]
  return [...both, ...(folded === undefined ? [] : [folded])].map(literal).join("")
}

/** Reads a class after its opening bracket. */
export const readClass = (reader: Reader, ignoreCase: boolean): string => {
  const negated = take(reader, "^")
  const start = reader.at
  let inside = ""
  while (!take(reader, "]")) {
    if (reader.at >= reader.source.length) throw unsupported("an open [")
    if (take(reader, "&&")) throw unsupported("&& in a class")
    if (reader.source.startsWith("[:", reader.at)) throw unsupported("[:…:] in a class")
    if (take(reader, "[")) {
      inside += readClass(reader, ignoreCase)
      continue
    }
    const first = readMember(reader)
    if ("set" in first) {
      inside += `[${first.set}]`
      continue
    }
    if (!/^-[^\]]/.test(reader.source.slice(reader.at))) {
      inside += ignoreCase ? anyCase(first.character) : literal(first.character)
      continue
    }
    reader.at++
    const last = reader.source[reader.at] === "[" ? undefined : readMember(reader)
    if (ignoreCase || last === undefined || "set" in last || last.character < first.character)
      throw unsupported(`the range ${first.character}-${last && "character" in last ? last.character : ""}`)
    inside += `${literal(first.character)}-${literal(last.character)}`
  }
  if (reader.at === start + 1) throw unsupported("an empty class")
  return `[${negated ? "^" : ""}${inside}]`
}

const readMember = (reader: Reader): Escaped =>
  take(reader, "\\") ? readEscape(reader, true) : { character: takeMatch(reader, /[\s\S]/uy)![0] }
