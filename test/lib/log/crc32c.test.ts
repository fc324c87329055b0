import { assert, describe, it } from "@effect/vitest"
import { crc32c, maskedCrc32c } from "../../../lib/log/crc32c.ts"

describe("crc32c", () => {
  it("gives the check value and the test vectors of RFC 3720, B.4", () => {
    const ascending = Uint8Array.from({ length: 32 }, (_, i) => i)
    assert.strictEqual(crc32c(new TextEncoder().encode("123456789")), 0xe3069283)
    assert.strictEqual(crc32c(new Uint8Array(32)), 0x8a9136aa)
    assert.strictEqual(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43)
    assert.strictEqual(crc32c(ascending), 0x46dd794e)
    assert.strictEqual(crc32c(ascending.toReversed()), 0x113fdb5c)
    assert.strictEqual(crc32c(new Uint8Array(0)), 0)
  })

  it("is masked by a rotation and a constant", () => {
    assert.strictEqual(maskedCrc32c(new Uint8Array(0)), 0xa282ead8)
    const crc = 0xe3069283n
    const rotated = ((crc >> 15n) | (crc << 17n)) & 0xffffffffn
    const expected = Number((rotated + 0xa282ead8n) & 0xffffffffn)
    assert.strictEqual(maskedCrc32c(new TextEncoder().encode("123456789")), expected)
  })
})
