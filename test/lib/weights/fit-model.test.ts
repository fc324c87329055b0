import { assert, describe, it } from "vitest"
import { type Allowance, fitModel } from "../../../lib/weights/fit-model.ts"
import type { Weight } from "../../../lib/weights/hugging-face.ts"

const weight = (...shape: readonly number[]): Weight => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i)
})
const source = new Map([
  ["a", weight(2, 3)],
  ["extra", weight(1)],
  ["b", weight(4)],
  ["vit.embeddings.position_embeddings", weight(1, 5, 2)],
  ["bert.embeddings.position_embeddings.weight", weight(6, 2)]
])
const model = {
  a: [2, 3],
  b: [5],
  more: [1],
  "vit.embeddings.position_embeddings": [1, 10, 2],
  "bert.embeddings.position_embeddings.weight": [4, 2]
}
const fitted = (...allow: readonly Allowance[]) => fitModel("DIR", source, model, new Set(allow))
const problem = (...allow: readonly Allowance[]): string => {
  try {
    fitted(...allow)
  } catch (error) {
    return (error as Error).message
  }
  return ""
}

describe("fitModel", () => {
  it("lists what is missing, unexpected and misshapen, and how to start all the same", () => {
    assert.strictEqual(
      problem(),
      "DIR: 1 missing: more; 1 unexpected: extra; 1 misshapen: b is [4], expected [5]; --allow missing,unexpected,misshapen starts all the same"
    )
    assert.strictEqual(
      problem("unexpected", "missing"),
      "DIR: 1 misshapen: b is [4], expected [5]; --allow misshapen starts all the same"
    )
  })

  it("takes what fits where the rest is allowed, position embeddings of another grid or length among it", () => {
    const { parameters, resized, faults } = fitted("missing", "unexpected", "misshapen")
    assert.deepStrictEqual([...parameters.keys()], ["a", ...resized])
    assert.deepStrictEqual(resized, ["vit.embeddings.position_embeddings", "bert.embeddings.position_embeddings.weight"])
    assert.lengthOf(parameters.get("vit.embeddings.position_embeddings")!, 20)
    assert.deepStrictEqual([...parameters.get("bert.embeddings.position_embeddings.weight")!], [0, 1, 2, 3, 4, 5, 6, 7])
    assert.include(faults, "1 missing: more")
  })
})
