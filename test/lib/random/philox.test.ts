import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { philox } from "../../../lib/random/philox.ts"
import { seed } from "../../seed.ts"

const block = (counter: ReadonlyArray<number>, key: ReadonlyArray<number>): ReadonlyArray<number> => {
  const out = new Uint32Array(4)
  philox(out, 0, key[0]!, key[1]!, counter[0]!, counter[1]!, counter[2]!, counter[3]!)
  return [...out]
}

/** Philox4x32-10 as the paper states it, in BigInt. */
const stated = (counter: ReadonlyArray<number>, key: ReadonlyArray<number>): ReadonlyArray<number> => {
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint]
  let [k0, k1] = key.map(BigInt) as [bigint, bigint]
  const word = 0xffffffffn
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * c0
    const p1 = 0xcd9e8d57n * c2
    ;[c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & word, (p0 >> 32n) ^ c3 ^ k1, p0 & word]
    k0 = (k0 + 0x9e3779b9n) & word
    k1 = (k1 + 0xbb67ae85n) & word
  }
  return [c0, c1, c2, c3].map(Number)
}

describe("philox", () => {
  it("gives the known answers published with Random123 (kat_vectors, philox4x32 10)", () => {
    assert.deepStrictEqual(block([0, 0, 0, 0], [0, 0]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8])
    const ones = 0xffffffff
    assert.deepStrictEqual(block([ones, ones, ones, ones], [ones, ones]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd])
    assert.deepStrictEqual(
      block([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
    )
  })

  it("equals the definition in big integers for any counter and key", () => {
    const word = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 1, 0xffff, 0x10000, 0x80000000, 0xffffffff))
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
        assert.deepStrictEqual(block(counter, key), stated(counter, key))
      }),
      { seed, numRuns: 2000 }
    )
  })

  it("writes four words at the offset given and nothing else", () => {
    const out = new Uint32Array(8).fill(7)
    philox(out, 2, 0, 0, 0, 0, 0, 0)
    assert.deepStrictEqual([...out], [7, 7, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8, 7, 7])
  })
})
