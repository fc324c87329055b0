import { isUtf8 } from "node:buffer"
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { decodeText, firstNotUtf8 } from "../../../../lib/data/sources/text-encoding.ts"
import { seed } from "../../../seed.ts"
import { goldenData } from "./golden-data.ts"

describe("the encoding of a text", () => {
  it("is UTF-8, or what its mark says, or what is named; as Python's codecs write them", () => {
    for (const { encoding, bytes, text } of goldenData.texts) {
      const content = Buffer.from(bytes, "base64")
      const named = { cp1252: "windows-1252", shift_jis: "shift_jis" }[encoding]
      assert.deepStrictEqual(decodeText(content, named), { text }, encoding)
    }
  })

  it("is strict: what is none of it is said by its first wrong byte, and nothing becomes U+FFFD", () => {
    assert.deepStrictEqual(decodeText(Buffer.from("caf\xe9", "latin1")), { fault: "byte 0xe9 at 3" })
    assert.deepStrictEqual(decodeText(Buffer.from([0x61, 0xe6, 0x97])), { fault: "byte 0xe6 at 1" })
    assert.deepStrictEqual(decodeText(Uint8Array.from([0x83, 0x20]), "shift_jis"), { fault: "bytes that are no shift_jis" })
    // Somebody else's U+FFFD is a character.
    assert.deepStrictEqual(decodeText(Buffer.from("a \ufffd")), { text: "a \ufffd" })
  })

  it("finds a wrong byte exactly where there is one", () => {
    const byte = fc.oneof(fc.nat(255), fc.constantFrom(0xc0, 0xe0, 0xed, 0xa0, 0xf0, 0x90, 0xf4, 0x80, 0xbf, 0x61))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6 }), fc.array(byte, { maxLength: 8 }), (random, chosen) => {
        for (const bytes of [random, Uint8Array.from(chosen)]) {
          const at = firstNotUtf8(bytes)
          assert.strictEqual(at < 0, isUtf8(bytes))
          if (at >= 0) assert.isTrue(isUtf8(bytes.subarray(0, at)))
        }
      }),
      { seed, numRuns: 3000 }
    )
  })
})
