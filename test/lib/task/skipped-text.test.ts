import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { retrievalText } from "../../../lib/task/retrieval/text.ts"
import { needItems, skippedText } from "../../../lib/task/skipped-text.ts"

const skipped = [
  ...["a.jpg", "b.jpg"].map((id) => ({ id, reason: "not-utf8(byte 0x96 at 34; the texts' encoding is named by ?encoding=)" })),
  { id: "c.jpg", reason: "truncated" }
]
const why =
  "3 samples could not be used: 2 × not-utf8 (a.jpg: byte 0x96 at 34; the texts' encoding is named by ?encoding=), 1 × truncated (c.jpg)"

describe("samples that could not be used", () => {
  it("are counted by reason", () => {
    assert.strictEqual(skippedText(skipped), why)
    assert.strictEqual(skippedText(skipped.slice(2)), "1 sample could not be used: 1 × truncated (c.jpg)")
    assert.strictEqual(skippedText([]), "")
  })

  it("are said below an evaluation", () => {
    const recalls = { tr1: 0, tr5: 0, tr10: 0, ir1: 0, ir5: 0, ir10: 0 }
    const metrics = { images: 2, texts: 2, ...recalls, dual: recalls }
    const lines = retrievalText({ metrics, data: { name: "d", digest: "" }, seconds: 1, skipped, details: {} }).join("\n")
    assert.isTrue(lines.endsWith(`2 images and 2 texts of d in 1.0 s, ${why}`), lines)
  })

  it.effect("are why nothing can be retrieved or embedded", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(needItems("embed", { images: [], texts: [], skipped }))
      assert.strictEqual(error.message, `embed: 0 images and 0 texts: ${why}`)
      const [image, text] = [
        { index: 0, id: "d", group: 0 },
        { text: "one", id: "d", group: 0 }
      ]
      yield* needItems("embed", { images: [image], texts: [text], skipped })
    })
  )
})
