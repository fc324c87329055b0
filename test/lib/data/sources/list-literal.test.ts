import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { captionsIn, listLiteral } from "../../../../lib/data/sources/list-literal.ts"
import { seed } from "../../../seed.ts"
import { goldenData } from "./golden-data.ts"

describe("a list written into a text", () => {
  it("is read as Python's ast, numpy and JSON have it; any other text is none", () => {
    for (const { cell, texts } of goldenData.literals) {
      const read = listLiteral(cell)
      // What Python takes for something else than a list of texts is a caption, or says what is wrong with it.
      if (texts === null) assert.isTrue(read === undefined || read.fault !== undefined, cell)
      else assert.deepStrictEqual(read, { texts }, cell)
    }
  })

  it("may be a set, bytes or dicts of a text; what is no text in it is said", () => {
    const object = "an object without a text (raw, caption, text)"
    const cases: ReadonlyArray<readonly [cell: string, texts: readonly string[], fault?: string]> = [
      ["{'a', \"b's\"}", ["a", "b's"]],
      ["{'a'}", ["a"]],
      ["frozenset({'a', 'b'})", ["a", "b"]],
      ["set()", []],
      ["b'caf\\xc3\\xa9'", ["café"]],
      ['b"it\'s"', ["it's"]],
      ["b'caf\\xe9'", [], "bytes that are not UTF-8"],
      ["[b'a', b'\\xe7\\x8a\\xac']", ["a", "犬"]],
      ["[b'a', b'\\xff']", ["a"], "a list with bytes that are not UTF-8"],
      ["[{'raw': 'a', 'sentid': 1}, {'tokens': ['x'], 'raw': 'b'}]", ["a", "b"]],
      ["{'caption': 'a', 'score': 0.5, 'ok': True}", ["a"]],
      ['{"text": "a"}', ["a"]],
      ["{'en': 'a'}", [], object],
      ["{}", [], object],
      ["[{'tokens': ['x']}, 'b']", ["b"], `a list with ${object}`],
      ["['a', 5]", ["a"], "a list with a number"],
      ["[['a'], 'b']", ["b"], "a list with a list"],
      ["{'raw': None}", [], object],
      ["{'__proto__': {'raw': 'x'}}", [], object]
    ]
    for (const [cell, texts, fault] of cases)
      assert.deepStrictEqual(listLiteral(cell), fault === undefined ? { texts } : { texts, fault }, cell)
  })

  it("of JSON is read as JSON.parse reads it", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
        assert.deepStrictEqual(listLiteral(JSON.stringify(texts)), { texts })
      }),
      { seed, numRuns: 500 }
    )
  })

  it("is not seen in captions, whatever they have in brackets", () => {
    for (const text of [
      "(from left) a man and a 'dog'",
      "[MASK] a cat",
      "(b&w)",
      "['] a quote",
      "[1, 2]",
      "{1, 2}",
      "(2019)",
      "{a} dog",
      "b'elanna's dog",
      "b'",
      "'a dog'",
      "{'a' 'b'}",
      "['a'] and ['b']",
      "set (of cups)",
      "('80s hair)",
      "array of lights",
      "[",
      "("
    ])
      assert.deepStrictEqual(captionsIn(text), { texts: [text] })
  })

  it("is looked for in time that grows with the text", () => {
    const started = performance.now()
    for (const text of [
      `['${"\\'".repeat(500_000)}`,
      `[${"'a' ".repeat(200_000)}`,
      `(${" ".repeat(1_000_000)}`,
      `array(${"(".repeat(200_000)}`,
      `${"[".repeat(500_000)}${"]".repeat(500_000)}`,
      `{${"'a':".repeat(200_000)}}`,
      `set(${" ".repeat(1_000_000)}x)`
    ])
      assert.isUndefined(listLiteral(text))
    assert.isBelow(performance.now() - started, 3000)
  })
})
