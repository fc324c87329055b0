import { assert, describe, it } from "@effect/vitest"
import { widenBfloat16, widenFloat16 } from "../../../../lib/store/safetensors/half-precision.ts"

const everyPattern = Uint16Array.from({ length: 65_536 }, (_, i) => i)

/** The value of a binary16 by its definition. */
const value = (bits: number): number => {
  const sign = bits >>> 15 === 0 ? 1 : -1
  const exponent = (bits >>> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

describe("half precision", () => {
  it("widens every float16 to the value it stands for", () => {
    const out = new Float32Array(65_536)
    widenFloat16(everyPattern, out)
    const wrong = everyPattern.find((bits) => !Object.is(out[bits], value(bits)))
    assert.isUndefined(wrong)
  })

  it("widens every bfloat16 to the float32 whose upper half it is", () => {
    const out = new Float32Array(65_536)
    widenBfloat16(everyPattern, out)
    const words = new Uint32Array(out.buffer)
    assert.isUndefined(everyPattern.find((bits) => words[bits] !== bits * 65_536))
    assert.strictEqual(out[0x3f80], 1)
  })
})
