import { assert, describe, it } from "@effect/vitest"
import { derive, key } from "../../../lib/random/key.ts"
import { chooseCaption } from "../../../stages/tokenize/choose-caption.ts"

describe("chooseCaption", () => {
  it("is the first one without a key, and each one as often with one", () => {
    assert.strictEqual(chooseCaption(5, null), 0)
    const counts = [0, 0, 0]
    for (let i = 0; i < 3000; i++) counts[chooseCaption(3, derive(key(1), i))]!++
    for (const count of counts) assert.closeTo(count, 1000, 120)
  })

  it("refuses a sample without captions", () => {
    assert.throws(() => chooseCaption(0, null), "tokenize: a sample without captions")
  })
})
