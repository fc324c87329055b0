import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { sharpen } from "../../../stages/patchify/sharpen.ts"
import { applyTone, autoContrast, brightness, equalize } from "../../../stages/patchify/tone.ts"

interface Golden {
  readonly square: { readonly data: string }
  readonly operations: { readonly [name: string]: string }
}
const golden: Golden = JSON.parse(readFileSync(new URL("../../golden/images.json", import.meta.url), "utf8"))
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"))
const square = bytes(golden.square.data)

describe("tones", () => {
  it("are what Pillow makes of them", () => {
    assert.deepStrictEqual(applyTone(square, autoContrast(square)), bytes(golden.operations["autoContrast"]!))
    assert.deepStrictEqual(applyTone(square, equalize(square)), bytes(golden.operations["equalize"]!))
    for (const factor of [0.55, 1.36])
      assert.deepStrictEqual(applyTone(square, brightness(square, factor)), bytes(golden.operations[`brightness ${factor}`]!))
  })

  it("leave an image of one colour as it is", () => {
    const plain = new Uint8Array(4 * 4 * 3).fill(93)
    assert.deepStrictEqual(applyTone(plain, autoContrast(plain)), plain)
    assert.deepStrictEqual(applyTone(plain, equalize(plain)), plain)
  })
})

describe("sharpen", () => {
  it("is what Pillow makes of it, within 1 of 255", () => {
    for (const factor of [0.4, 1.36]) {
      const made = sharpen(square, 24, factor)
      const expected = bytes(golden.operations[`sharpness ${factor}`]!)
      assert.isAtMost(
        made.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0),
        1
      )
    }
  })

  it("leaves images with no middle, and any image at factor 1, as they are", () => {
    assert.deepStrictEqual(sharpen(square, 24, 1), square)
    const tiny = Uint8Array.from({ length: 12 }, (_, i) => i)
    assert.deepStrictEqual(sharpen(tiny, 2, 1.9), tiny)
  })
})
