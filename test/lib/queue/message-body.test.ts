import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import fc from "fast-check"
import { letterBody, messageBody, messageBytes } from "../../../lib/queue/message-body.ts"
import { seed } from "../../seed.ts"

const anyText = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((units) => String.fromCharCode(...units))

describe("a dead letter", () => {
  it("can be sent whatever was received, and says the same", () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string(), fc.json()), (received) => {
        const letter = letterBody(received)!
        assert.strictEqual(Result.getOrThrow(messageBody(letter)), letter)
        const sendable = Result.getOrUndefined(messageBody(received))
        if (sendable === undefined) assert.strictEqual(JSON.parse(letter), received)
        else assert.strictEqual(letter, sendable)
      }),
      { seed }
    )
  })

  it("is none where the text would be too long", () => {
    assert.isUndefined(letterBody("é".repeat(Math.ceil(messageBytes / 6))))
    assert.strictEqual(letterBody("z".repeat(messageBytes))?.length, messageBytes)
  })
})
