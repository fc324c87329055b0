import { Effect, Schema } from "effect"
import { byteLevel } from "./byte-level.ts"
import { Behavior, type Pieces, splitAt } from "./delimiter.ts"
import { metaspace } from "./metaspace.ts"
import { expressionOf, Pattern } from "./normalizer.ts"
import { makePart, type PartRow, type PartTable, row } from "./part.ts"
import { exactly, pattern } from "./pattern.ts"
import { classes, expression } from "./unicode.ts"

/** A rule for splitting a text before pieces are looked up. */
export interface PreTokenizer {
  /** Splits a text; `leading` is true where it is at the start of the whole text. */
  readonly split: (text: string, leading: boolean) => Pieces
  /** True where the result depends on `leading`. */
  readonly asksStart: boolean
}

const splitting = (split: PreTokenizer["split"], asksStart = false): PreTokenizer => ({ split, asksStart })

const whole: PreTokenizer["split"] = (text, leading) => ({ texts: text === "" ? [] : [text], leading })

/** Composes two pre-tokenizers. */
const then =
  (first: PreTokenizer["split"], second: PreTokenizer["split"]): PreTokenizer["split"] =>
  (text, leading) => {
    const before = first(text, leading)
    const after = before.texts.map((piece, i) => second(piece, before.leading && i === 0))
    return { texts: after.flatMap(({ texts }) => texts), leading: (after[0]?.texts.length ?? 0) > 0 && after[0]!.leading }
  }

/** Keeps the matches of an expression as parts. */
const keeping =
  (found: RegExp): PreTokenizer["split"] =>
  (text, leading) => ({ texts: text.match(found) ?? [], leading: leading && text.search(found) === 0 })

const at =
  (found: RegExp, behavior: Behavior, invert = false): PreTokenizer["split"] =>
  (text, leading) =>
    splitAt(text, leading, found, behavior, invert)

const { whiteSpace, punctuation, numeric, word } = classes
const gpt2 = pattern("'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+")

const Nothing = Schema.Struct({})
const orElse = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

const rows: { readonly [type: string]: PartRow<PreTokenizer> } = {
  // White space is removed, and each punctuation character is a part of its own.
  BertPreTokenizer: row(Nothing, () => splitting(keeping(expression(`[${punctuation}]|[^${whiteSpace}${punctuation}]+`)))),
  ByteLevel: row(
    Schema.Struct({ add_prefix_space: Schema.Boolean, use_regex: orElse(Schema.Boolean, true) }),
    ({ add_prefix_space, use_regex }) => {
      const words = use_regex ? keeping(gpt2) : whole
      return splitting((text, leading) => {
        const { texts } = words(add_prefix_space && !text.startsWith(" ") ? ` ${text}` : text, leading)
        return { texts: texts.map(byteLevel), leading }
      })
    }
  ),
  CharDelimiterSplit: row(Schema.Struct({ delimiter: Schema.String }), ({ delimiter }) =>
    splitting(at(exactly(delimiter), "Removed"))
  ),
  Digits: row(Schema.Struct({ individual_digits: Schema.Boolean }), ({ individual_digits }) =>
    splitting(at(expression(`[${numeric}]`), individual_digits ? "Isolated" : "Contiguous"))
  ),
  FixedLength: row(Schema.Struct({ length: orElse(Schema.Int.check(Schema.isGreaterThan(0)), 5) }), ({ length }) =>
    splitting(at(expression(`[\\s\\S]{1,${length}}`), "Isolated"))
  ),
  Metaspace: row(metaspace.settings, (settings) => splitting(metaspace.split(settings), settings.prepend_scheme === "first")),
  Punctuation: row(Schema.Struct({ behavior: orElse(Behavior, "Isolated") }), ({ behavior }) =>
    splitting(at(expression(`[${punctuation}]`), behavior))
  ),
  Sequence: row(Schema.Struct({ pretokenizers: Schema.Array(Schema.Unknown) }), ({ pretokenizers }) => {
    const all = pretokenizers.map((each) => makePart(table, each))
    return splitting(
      all.map(({ split }) => split).reduce(then, whole),
      all.some(({ asksStart }) => asksStart)
    )
  }),
  Split: row(Schema.Struct({ pattern: Pattern, behavior: Behavior, invert: Schema.Boolean }), ({ pattern, behavior, invert }) =>
    splitting(at(expressionOf(pattern), behavior, invert))
  ),
  Whitespace: row(Nothing, () => splitting(keeping(expression(`[${word}]+|[^${word}${whiteSpace}]+`)))),
  WhitespaceSplit: row(Nothing, () => splitting(keeping(expression(`[^${whiteSpace}]+`))))
}
const table: PartTable<PreTokenizer> = { kind: "pre_tokenizer", rows }

/**
 * Returns the pre-tokenizer that a file describes; one that splits nothing for null. Throws an `Error` that names anything not
 * supported.
 */
export const preTokenizer = (config: unknown): PreTokenizer => (config == null ? splitting(whole) : makePart(table, config))
