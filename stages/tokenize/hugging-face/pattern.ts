import { anyCase, literal, type Reader, readClass, readEscape, take, takeMatch, unsupported } from "./character-class.ts"

/** State that a group passes on to its content. */
interface Context {
  readonly ignoreCase: boolean
  /** Returns an unused name for a group that holds the match of a possessive part. */
  readonly fresh: () => string
}

/** Returns an atomic group, which is not backtracked into: JavaScript has none, but it does not backtrack into lookaheads. */
const atomic = (part: string, { fresh }: Context): string => {
  const name = fresh()
  return `(?:(?=(?<${name}>${part}))\\k<${name}>)`
}

const groups = ["(?=", "(?!", "(?<=", "(?<!", "(?:"] as const

const readGroup = (reader: Reader, context: Context): string => {
  const inside = (opening: string, within: Context): string => {
    const body = readAlternatives(reader, within)
    if (!take(reader, ")")) throw unsupported("an open (")
    return `${opening}${body})`
  }
  for (const opening of groups) if (take(reader, opening)) return inside(opening, context)
  if (take(reader, "(?i:")) return inside("(?:", { ...context, ignoreCase: true })
  if (take(reader, "(?>")) return atomic(inside("(?:", context), context)
  if (reader.source.startsWith("(?", reader.at)) throw unsupported(reader.source.slice(reader.at, reader.at + 4))
  reader.at++
  return inside("(?:", context)
}

/** Pairs of letters that fold to one character, such as ß and the ligatures. */
const folding = /ss|st|ff|fi|fl/i

const readAtom = (reader: Reader, context: Context): string => {
  const { source, at } = reader
  if (source[at] === "(") return readGroup(reader, context)
  if (take(reader, "[")) return readClass(reader, context.ignoreCase)
  if (take(reader, ".")) return "[^\\n]"
  if (take(reader, "^")) return "(?<![^\\n])"
  if (take(reader, "$")) return "(?![^\\n])"
  const found = take(reader, "\\") ? readEscape(reader, false) : { character: takeMatch(reader, /[\s\S]/uy)![0] }
  if ("set" in found) return `[${found.set}]`
  if (!context.ignoreCase) return literal(found.character)
  if (folding.test(source.slice(at, at + 2))) throw unsupported(`(?i:) with '${source.slice(at, at + 2)}'`)
  return `[${anyCase(found.character)}]`
}

const quantifier = /(?:[*+?]|\{(\d*),(\d*)\}|\{(\d+)\})/y

const readQuantified = (reader: Reader, context: Context): string => {
  const atom = readAtom(reader, context)
  const found = takeMatch(reader, quantifier)
  if (!found) return atom
  const [text, least, most, exactly] = found
  if (text === "{,}") throw unsupported("{,}")
  const interval = exactly !== undefined || least !== undefined
  const times = exactly !== undefined ? `{${exactly}}` : least !== undefined ? `{${least || "0"},${most}}` : text
  if (takeMatch(reader, /[*{]/y)) throw unsupported(`a quantifier after ${text}`)
  if (take(reader, "?")) {
    if (exactly !== undefined) throw unsupported(`${text}?`)
    return `${atom}${times}?`
  }
  if (!take(reader, "+")) return `${atom}${times}`
  if (interval) throw unsupported(`${text}+`)
  return atomic(`${atom}${times}`, context)
}

const readAlternatives = (reader: Reader, context: Context): string => {
  let out = ""
  while (reader.at < reader.source.length && reader.source[reader.at] !== ")") {
    if (take(reader, "|")) out += "|"
    else if (/[*+?]/.test(reader.source[reader.at]!)) throw unsupported(`'${reader.source[reader.at]}' after nothing`)
    else out += readQuantified(reader, context)
  }
  return out
}

/**
 * Translates an Oniguruma pattern, the syntax of `tokenizer.json` files, to a global JavaScript regular expression that matches
 * the same. Throws an `Error` that names unknown syntax: nothing is guessed.
 */
export const pattern = (source: string): RegExp => {
  if (source === "") throw unsupported("nothing in it")
  let groupCount = 0
  const reader: Reader = { source, at: 0 }
  const translated = readAlternatives(reader, { ignoreCase: false, fresh: () => `atomic${groupCount++}` })
  if (reader.at < source.length) throw unsupported("a ) without (")
  return new RegExp(translated, "gv")
}

/** Returns a global regular expression for a literal text. */
export const exactly = (text: string): RegExp => {
  if (text === "") throw unsupported("nothing in it")
  return new RegExp([...text].map(literal).join(""), "gv")
}
