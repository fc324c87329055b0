/**
 * Code points and ranges of them, in hexadecimal, as the content of a character class of a regular expression with the flag `v`.
 */
const points = (ranges: string): string =>
  ranges
    .split(" ")
    .map((range) =>
      range
        .split("-")
        .map((point) => `\\u{${point}}`)
        .join("-")
    )
    .join("")

/** A property as of an older version: without the code points added since, and with those removed since. */
const asOf = (property: string, since: string, taken = ""): string =>
  `[${property}--[${points(since)}]]${taken === "" ? "" : points(taken)}`

/** Code points assigned after Unicode 16, the version of Oniguruma and Rust's `regex` in `tokenizers` 0.23. */
const since16 =
  "88f c5c cdc 1acf-1add 1ae0-1aeb 20c1 2b96 a7ce-a7cf a7d2 a7d4 a7f1 fbc3-fbd2 fd90-fd91 fdc8-fdce 10940-10959 10ec5-10ec7 " +
  "10ed0-10ed8 10efa-10efb 11b60-11b67 11db0-11ddb 11de0-11de9 16ea0-16eb8 16ebb-16ed3 16ff2-16ff6 187f8-187ff 18d09-18d1e " +
  "18d80-18df2 1ccfa-1ccfc 1ceba-1ced0 1cee0-1cef0 1e6c0-1e6de 1e6e0-1e6f5 1e6fe-1e6ff 1f6d8 1f777-1f77a 1f8d0-1f8d8 1fa54-1fa57 " +
  "1fa8a 1fa8e 1fac8 1facd 1faea 1faef 1fbfa 2b73a-2b73f 2cea2-2cead 323b0-33479"

/** A property of Unicode 16. */
export const property16 = (property: string): string => asOf(property, since16)

/** Marks that Unicode has assigned after 9, the version of `unicode-normalization-alignments`. */
const marksSince9 =
  "7fd 897-8d3 9fe afa-aff b55 c04-c3c cf3-d00 d3b-d3c d81 eba ece 1715 180f 1abf-1aeb 1cf7 1df6-1dfa a82c a8ff 10d24-10f85 " +
  "11070-11074 110c2 11145-11146 111c9 111ce-111cf 11241 1133b 113b8-113e2 1145e 1182c-11b67 11d31-11f5a 13440-13455 1611e-1612f " +
  "16f4f 16f7f-16f87 16fe4-16ff1 1cf00-1cf46 1e08f-1e6f5"

/** Code points that have a decomposition, or take part in a composition, only since then. */
const decomposedSince9 =
  "32ff a7f1-a7f4 ab69 105c9 105d2 105da 105e4 10781-107ba 11383-11391 113c5-113c8 11938 16121-16128 16d67-16d6a 1ccd6-1ccf9 " +
  "1e030-1e06d 1f16c 1fbf0-1fbf9"

/**
 * Character classes (white space, punctuation, …) of Python's `tokenizers` 0.23, as content of character classes for regular
 * expressions with the flag `v`. Its components are built with Unicode 8, 9, 16 and 17; Node's own Unicode is as new as Node.
 */
export const classes = {
  whiteSpace: "\\p{White_Space}",
  numeric: "\\p{N}",
  /** Unicode 8 (`unicode_categories`), and ASCII's symbols. */
  punctuation: asOf(
    "[\\p{P}\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e]",
    "61d 9fd-a76 c77-c84 1b4e-1b4f 1b7d-1b7f 2e43-2e5d 10d6e-10f89 113d4-1145d 11660-116b9 1183b-11fff 12ff1-12ff2 16d6d-16fe2 1e5ff-1e95f",
    "166d 111c9"
  ),
  /** Control, format and private-use characters of Unicode 8. */
  other: asOf("[\\p{Cc}\\p{Cf}\\p{Co}]", "890-8e2 110cd 13430-1343f"),
  nonspacingMark: asOf(
    "\\p{Mn}",
    "7fd 897-8e1 9fe afa-aff b55 c04-c3c d00 d3b-d3c d81 eba ece 180f-1886 1abf-1aeb 1df6-1dfb a82c a8c5 a8ff a9bd 10d24-10f85 " +
      "11070-11074 110c2 111c9 111cf 1123e-11241 1133b 113bb-1145e 1182f-11f5a 13440-13455 1611e-1612f 16f4f 16fe4 1cf00-1cf46 " +
      "1e000-1e6f5 1e944-1e94a",
    "1734 1171e"
  ),
  mark: asOf("\\p{M}", marksSince9, "1cf2-1cf3"),
  /** Word characters of Rust's `regex`. */
  word: property16("[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]"),
  /** Code points that normal forms leave unchanged: Unicode 9 does not have them. */
  notNormalized: points(`${marksSince9} ${decomposedSince9}`)
} as const

/** Returns a global regular expression with the flag `v`. */
export const expression = (source: string): RegExp => new RegExp(source, "gv")
