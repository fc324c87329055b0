import { assert, describe, it } from "@effect/vitest"
import { giveBack, lend } from "../../../../lib/data/host/buffer-pool.ts"

describe("lend", () => {
  it("gives what was given back of the same kind and length, once", () => {
    const first = lend("float32", 7)
    giveBack(first)
    giveBack(first)
    assert.strictEqual(lend("float32", 7), first)
    assert.notStrictEqual(lend("float32", 7), first)
  })

  it("never gives an array that somebody still has", () => {
    const held = lend("uint8", 9)
    const others = Array.from({ length: 5 }, () => lend("uint8", 9))
    assert.notInclude(others, held)
    assert.strictEqual(new Set(others).size, 5)
  })

  it("tells kinds and lengths apart", () => {
    giveBack(lend("float32", 11))
    assert.instanceOf(lend("uint8", 11), Uint8Array)
    assert.lengthOf(lend("float32", 12), 12)
  })

  it("takes nothing that it has not lent", () => {
    const own = new Float32Array(13)
    giveBack(own)
    giveBack(undefined)
    giveBack("text")
    assert.notStrictEqual(lend("float32", 13), own)
  })

  it("keeps no more than 32 MiB", () => {
    const large = Array.from({ length: 5 }, () => lend("uint8", 8 * 2 ** 20))
    for (const array of large) giveBack(array)
    const again = Array.from({ length: 5 }, () => lend("uint8", 8 * 2 ** 20))
    assert.isAtMost(again.filter((array) => large.includes(array)).length, 4)
  })

  it("goes on keeping what is asked for when arrays of every other length were given back", () => {
    for (let n = 0; n < 100; n++) giveBack(lend("uint8", 2 ** 20 + n))
    const wanted = lend("uint8", 2 ** 21)
    giveBack(wanted)
    assert.strictEqual(lend("uint8", 2 ** 21), wanted)
  })
})
