import { assert, describe, it } from "@effect/vitest"
import { exactly, pattern } from "../../../../stages/tokenize/hugging-face/pattern.ts"

const found = (source: string, text: string): readonly string[] => text.match(pattern(source)) ?? []

describe("a pattern of Oniguruma", () => {
  it("matches what Oniguruma matches, where JavaScript's expressions differ", () => {
    const cases: ReadonlyArray<readonly [source: string, text: string, matches: readonly string[]]> = [
      ["\\s+", "a\u0085b\ufeffc\u2028d", ["\u0085", "\u2028"]],
      ["\\d", "1٣x", ["1", "٣"]],
      ["\\w+", "naïve², x", ["naïve²", "x"]],
      ["[\\w]+", "naïve², x", ["naïve", "x"]],
      ["^.", "ab\ncd", ["a", "c"]],
      [".$", "ab\ncd", ["b", "d"]],
      [".", "a\r\n", ["a", "\r"]],
      ["(?i:'s|k)", "'S 'ſ \u212a", ["'S", "'ſ", "\u212a"]],
      ["a++b|a", "aaab aac", ["aaab", "a", "a"]],
      ["(?>a+)ab", "aaab", []],
      ["a{,2}b", "aaab", ["aab"]],
      ["[^(\\s|[.,])]+", "a(b c.d", ["a", "b", "c", "d"]],
      ["\\p{^L}\\P{L}", "a12b", ["12"]],
      ["\\p{Han}+", "漢字かな", ["漢字"]],
      ["\\x41|\\x{1F600}|\\u00e9", "A😀é", ["A", "😀", "é"]],
      ["[a\\-c-e]", "a-bd", ["a", "-", "d"]],
      ["\\p{L}", "a\u{11dd0}", ["a"]],
      ["-", "𝒜-", ["-"]]
    ]
    for (const [source, text, matches] of cases) assert.deepStrictEqual(found(source, text), matches, source)
  })

  it("is refused by what is not known to be the same", () => {
    const reasons = {
      "": "nothing in it",
      "(a": "an open (",
      "a)": "a ) without (",
      "[a": "an open [",
      "[]a]": "an empty class",
      "[a&&b]": "&& in a class",
      "[[:alpha:]]": "[:…:] in a class",
      "[é-a]": "the range é-a",
      "(a)\\1": "\\1",
      "\\bword": "\\b",
      "\\Aword": "\\A",
      "\\p{Emoji}": "\\p{Emoji}",
      "(?i)a": "(?i)",
      "(?<name>a)": "(?<n",
      "(?i:ss)": "(?i:) with 'ss'",
      "(?i:é)": "(?i:) with 'é'",
      "(?i:[a-z])": "the range a-z",
      "a**": "a quantifier after *",
      "a{2}+": "{2}+",
      "a{2}?": "{2}?",
      "*a": "'*' after nothing"
    }
    for (const [source, what] of Object.entries(reasons))
      assert.throws(() => pattern(source), `its pattern has ${what}, which is not supported`, source)
    assert.throws(() => exactly(""), "nothing in it")
  })

  it("that is a text finds that text, whatever signs it has", () => {
    for (const text of ["a.b", "[x]", "(?:", "😀-", "\n"])
      assert.deepStrictEqual(`_${text}_${text}`.match(exactly(text)), [text, text])
  })
})
