import { Schema } from "effect"
import { bertNormalizer } from "./bert-normalizer.ts"
import { byteLevel } from "./byte-level.ts"
import { lowercase, normalForm } from "./normal-form.ts"
import { makePart, type PartRow, type PartTable, row } from "./part.ts"
import { exactly, pattern } from "./pattern.ts"
import { characterMap } from "./precompiled.ts"
import { classes, expression } from "./unicode.ts"

/** A transformation of a text before it is split. */
export interface Normalizer {
  readonly apply: (text: string) => string
  /** True where it may drop the beginning of a text, so that the rest is no longer at the text's start. */
  readonly mayDropStart: boolean
}

const applying = (apply: (text: string) => string, mayDropStart = false): Normalizer => ({ apply, mayDropStart })
const Nothing = Schema.Struct({})
const form = (name: "NFC" | "NFD" | "NFKC" | "NFKD") => row(Nothing, () => applying((text) => normalForm(name, text)))

const Bert = Schema.Struct({
  clean_text: Schema.Boolean,
  handle_chinese_chars: Schema.Boolean,
  strip_accents: Schema.optionalKey(Schema.NullOr(Schema.Boolean)),
  lowercase: Schema.Boolean
})

/** An Oniguruma pattern, or a literal text. */
export const Pattern = Schema.Union([Schema.Struct({ Regex: Schema.String }), Schema.Struct({ String: Schema.String })])

/** Returns a pattern as a global regular expression. */
export const expressionOf = (given: typeof Pattern.Type): RegExp =>
  "Regex" in given ? pattern(given.Regex) : exactly(given.String)

const edges = {
  start: expression(`^[${classes.whiteSpace}]+`),
  end: expression(`[${classes.whiteSpace}]+$`)
}
const marks = expression(`[${classes.mark}]`)
// Characters dropped by SentencePiece's NMT rules.
const nmtDropped = expression("[\\x01-\\x08\\x0b\\x0e-\\x1f\\x7f\\x8f\\x9f]")
const nmtSpace = expression("[\\t\\n\\f\\r\\u1680\\u200b-\\u200f\\u2028\\u2029\\u2581\\ufeff\\ufffd]")

const rows: { readonly [type: string]: PartRow<Normalizer> } = {
  BertNormalizer: row(Bert, (settings) => applying(bertNormalizer(settings), true)),
  ByteLevel: row(Nothing, () => applying(byteLevel)),
  Lowercase: row(Nothing, () => applying(lowercase)),
  NFC: form("NFC"),
  NFD: form("NFD"),
  NFKC: form("NFKC"),
  NFKD: form("NFKD"),
  Nmt: row(Nothing, () => applying((text) => text.replace(nmtDropped, "").replace(nmtSpace, " "), true)),
  Precompiled: row(Schema.Struct({ precompiled_charsmap: Schema.NullOr(Schema.String) }), ({ precompiled_charsmap: map }) =>
    applying(map === null ? (text) => text : characterMap(map))
  ),
  Prepend: row(Schema.Struct({ prepend: Schema.String }), ({ prepend }) =>
    applying((text) => (text === "" ? "" : prepend + text))
  ),
  Replace: row(Schema.Struct({ pattern: Pattern, content: Schema.String }), ({ pattern, content }) => {
    const found = expressionOf(pattern)
    return applying((text) => text.replace(found, () => content), content === "")
  }),
  Sequence: row(Schema.Struct({ normalizers: Schema.Array(Schema.Unknown) }), ({ normalizers }) => {
    const all = normalizers.map((each) => makePart(table, each))
    return applying(
      (text) => all.reduce((before, { apply }) => apply(before), text),
      all.some(({ mayDropStart }) => mayDropStart)
    )
  }),
  Strip: row(Schema.Struct({ strip_left: Schema.Boolean, strip_right: Schema.Boolean }), ({ strip_left, strip_right }) =>
    applying((text) => {
      const left = strip_left ? text.replace(edges.start, "") : text
      return strip_right ? left.replace(edges.end, "") : left
    }, strip_left)
  ),
  StripAccents: row(Nothing, () => applying((text) => text.replace(marks, ""), true))
}
const table: PartTable<Normalizer> = { kind: "normalizer", rows }

/** Returns the normalizer that a file describes; the identity for null. Throws an `Error` that names anything not supported. */
export const normalizer = (config: unknown): Normalizer => (config == null ? applying((text) => text) : makePart(table, config))
