import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { escapeText, html, raw } from "../../../lib/html/markup.ts"
import { seed } from "../../seed.ts"

describe("markup", () => {
  it("escapes every text put into it, so that it can be got back", () => {
    const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" }
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const escaped = escapeText(text)
        assert.notMatch(escaped, /[<>"']/)
        assert.strictEqual(
          escaped.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => entities[name]!),
          text
        )
      }),
      { seed, numRuns: 300 }
    )
  })

  it("joins lists, keeps markup as it is, and takes false and undefined for nothing", () => {
    assert.strictEqual(html`<p>${["a<", raw("<b>"), 1]}${false}${undefined}</p>`.markup, "<p>a&lt;<b>1</p>")
  })
})
