import { lowercase, normalForm } from "./normal-form.ts"
import { classes, expression } from "./unicode.ts"

/** Settings of BERT's normalizer. */
export interface BertSettings {
  readonly clean_text: boolean
  readonly handle_chinese_chars: boolean
  /** Equal to `lowercase` where it is null. */
  readonly strip_accents?: boolean | null
  readonly lowercase: boolean
}

const dropped = expression(`[[${classes.other}\\u{fffd}]--[\\t\\n\\r]]`)
const space = expression(`[${classes.whiteSpace}]`)
const ideograph = expression(
  "[\\u{4e00}-\\u{9fff}\\u{3400}-\\u{4dbf}\\u{20000}-\\u{2a6df}\\u{2a700}-\\u{2b73f}\\u{2b740}-\\u{2b81f}\\u{2b920}-\\u{2ceaf}\\u{f900}-\\u{faff}\\u{2f800}-\\u{2fa1f}]"
)
const accent = expression(`[${classes.nonspacingMark}]`)
const plain = /^[\x20-\x7e]*$/

/** Cleans the text, puts spaces around ideographs, strips accents and lower-cases, each where the settings ask for it. */
export const bertNormalizer = ({ clean_text, handle_chinese_chars, strip_accents, lowercase: lower }: BertSettings) => {
  const strip = strip_accents ?? lower
  return (text: string): string => {
    if (plain.test(text)) return lower ? text.toLowerCase() : text
    let out = text
    if (clean_text) out = out.replace(dropped, "").replace(space, " ")
    if (handle_chinese_chars) out = out.replace(ideograph, " $& ")
    if (strip) out = normalForm("NFD", out).replace(accent, "")
    return lower ? lowercase(out) : out
  }
}
