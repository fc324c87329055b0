import { assert, describe, it } from "@effect/vitest"
import { acquireBuffer, releaseBuffer } from "../../../../lib/data/host/buffer-pool.ts"

describe("acquireBuffer", () => {
  it("gives what was given back of the same kind and length, once", () => {
    const first = acquireBuffer("float32", 7)
    releaseBuffer(first)
    releaseBuffer(first)
    assert.strictEqual(acquireBuffer("float32", 7), first)
    assert.notStrictEqual(acquireBuffer("float32", 7), first)
  })

  it("never gives an array that somebody still has", () => {
    const held = acquireBuffer("uint8", 9)
    const others = Array.from({ length: 5 }, () => acquireBuffer("uint8", 9))
    assert.notInclude(others, held)
    assert.strictEqual(new Set(others).size, 5)
  })

  it("tells kinds and lengths apart", () => {
    releaseBuffer(acquireBuffer("float32", 11))
    assert.instanceOf(acquireBuffer("uint8", 11), Uint8Array)
    assert.lengthOf(acquireBuffer("float32", 12), 12)
  })

  it("takes nothing that it has not lent", () => {
    const own = new Float32Array(13)
    releaseBuffer(own)
    releaseBuffer(undefined)
    releaseBuffer("text")
    assert.notStrictEqual(acquireBuffer("float32", 13), own)
  })

  it("keeps no more than 32 MiB", () => {
    const large = Array.from({ length: 5 }, () => acquireBuffer("uint8", 8 * 2 ** 20))
    for (const array of large) releaseBuffer(array)
    const again = Array.from({ length: 5 }, () => acquireBuffer("uint8", 8 * 2 ** 20))
    assert.isAtMost(again.filter((array) => large.includes(array)).length, 4)
  })

  it("goes on keeping what is asked for when arrays of every other length were given back", () => {
    for (let n = 0; n < 100; n++) releaseBuffer(acquireBuffer("uint8", 2 ** 20 + n))
    const wanted = acquireBuffer("uint8", 2 ** 21)
    releaseBuffer(wanted)
    assert.strictEqual(acquireBuffer("uint8", 2 ** 21), wanted)
  })
})
