import { assert, describe, it } from "@effect/vitest"
import { characters, hasSkinTone, normaliseCodePoint } from "../../../../lib/data/emoji/code-point.ts"

describe("code points", () => {
  it("are the same however a package writes them", () => {
    for (const hexcode of ["1F3CC-FE0F-200D-2642-FE0F", "1f3cc-200d-2642", "1F3CC_FE0F_200D_2642", "01f3cc 200d 2642"])
      assert.strictEqual(normaliseCodePoint(hexcode), "1f3cc-200d-2642")
    assert.strictEqual(normaliseCodePoint("0023-FE0F-20E3"), "23-20e3")
  })

  it("tell skin tones from colours and hair", () => {
    assert.isTrue(hasSkinTone("1f44b-1f3fd"))
    assert.isFalse(hasSkinTone("1f44b"))
    assert.isFalse(hasSkinTone("1f468-200d-1f9b0"))
    assert.isFalse(hasSkinTone("1f3fa"))
  })

  it("are characters again", () => {
    assert.strictEqual(characters("1f44b-1f3fd"), "👋🏽")
  })
})
