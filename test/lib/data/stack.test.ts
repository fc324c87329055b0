import { assert, describe, it } from "@effect/vitest"
import { putRow, zeros } from "../../../lib/data/stack.ts"

const row = { name: "patches", dtype: "float32", shape: [2, 3] } as const

describe("putRow", () => {
  it("puts a sample's numbers in its row", () => {
    const stack = zeros("float32", 12)
    putRow(stack, 1, Float32Array.of(1, 2, 3, 4, 5, 6), row)
    assert.deepStrictEqual(stack, Float32Array.of(0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6))
  })

  it("names the field and what it should be where the numbers are of another type or count", () => {
    const put = (value: unknown) => () => putRow(zeros("float32", 12), 0, value, row)
    const should = "'patches' should be float32[2, 3] per sample, but is"
    assert.throws(put(Int32Array.of(1, 2, 3, 4, 5, 6)), `batch: ${should} Int32Array of 6`)
    assert.throws(put(new Float32Array(5)), `batch: ${should} Float32Array of 5`)
    assert.throws(put(undefined), `batch: ${should} undefined`)
  })
})
