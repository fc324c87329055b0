import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { captionsIn, listLiteral } from "../../../../lib/data/sources/list-literal.ts"
import { seed } from "../../../seed.ts"
import { goldenData } from "./golden-data.ts"

describe("a list written into a text", () => {
  it("is read as Python's ast, numpy and JSON have it; any other text is none", () => {
    for (const { cell, texts } of goldenData.literals)
      assert.deepStrictEqual(listLiteral(cell), texts === null ? undefined : texts, cell)
  })

  it("of JSON is read as JSON.parse reads it", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" })), (texts) => {
        assert.deepStrictEqual(listLiteral(JSON.stringify(texts)), texts)
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
      "('80s hair)",
      "array of lights",
      "[",
      "("
    ])
      assert.deepStrictEqual(captionsIn(text), [text])
  })

  it("is looked for in time that grows with the text", () => {
    const started = performance.now()
    for (const text of [
      `['${"\\'".repeat(500_000)}`,
      `[${"'a' ".repeat(200_000)}`,
      `(${" ".repeat(1_000_000)}`,
      `array(${"(".repeat(200_000)}`
    ])
      assert.isUndefined(listLiteral(text))
    assert.isBelow(performance.now() - started, 3000)
  })
})
