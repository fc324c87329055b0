import { assert, describe, it } from "@effect/vitest"
import { optedOut } from "../../../../lib/data/url/robots-tag.ts"

const of = (...values: readonly string[]) => optedOut(values, ["noai", "noimageai"], "semmim")

describe("optedOut", () => {
  it("finds a directive that holds for everyone, in any case, among others, in any of the headers", () => {
    for (const values of [["noai"], ["NoImageAI"], ["noindex, noai"], ["noindex", " noimageai "], ["*: noai"]])
      assert.isString(of(...values), values.join(" | "))
  })

  it("minds what is said to this program and not what is said to another", () => {
    assert.strictEqual(of("semmim: noai"), "noai")
    assert.strictEqual(of("SemMIM: noindex, noai"), "noai")
    assert.isUndefined(of("otherbot: noai"))
    assert.isUndefined(of("otherbot: noindex, noai"))
    assert.strictEqual(of("otherbot: noindex", "noai"), "noai")
    assert.strictEqual(of("otherbot: noindex, semmim: noai"), "noai")
  })

  it("is not misled by directives that carry a value", () => {
    assert.strictEqual(of("max-image-preview: large, noai"), "noai")
    assert.strictEqual(of("unavailable_after: 25 Jun 2030 15:00:00 PST, noimageai"), "noimageai")
    assert.isUndefined(of("max-snippet: 5", "noaix", "all", ""))
  })
})
