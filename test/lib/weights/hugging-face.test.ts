import { assert, describe, it } from "@effect/vitest"
import { parameterLayout } from "../../../lib/model/layout.ts"
import { fromHuggingFace, toHuggingFace, type Weight, type Weights } from "../../../lib/weights/hugging-face.ts"
import { tinyPipeline } from "../task/tiny-pipeline.ts"

const weights: Weights = new Map(
  parameterLayout(tinyPipeline).slots.map(({ name, shape, size }, k) => {
    const weight: Weight = { shape, data: Float32Array.from({ length: size }, (_, i) => Math.sin(i + k)) }
    return [name, weight]
  })
)

describe("Hugging Face's layout", () => {
  it("has the patch projection as a convolution: [D, channel, row, column] from (row, column, channel)", () => {
    const name = "vit.embeddings.patch_embeddings.projection.weight"
    const side = 2
    const data = Float32Array.from({ length: 12 }, (_, i) => i)
    const made = toHuggingFace(new Map([[name, { shape: [1, 12], data }]])).get(name)!
    assert.deepStrictEqual(made.shape, [1, 3, side, side])
    const at = (channel: number, row: number, column: number) => made.data[(channel * side + row) * side + column]
    assert.deepStrictEqual([at(0, 0, 0), at(1, 0, 0), at(0, 0, 1), at(2, 1, 1)], [0, 1, 3, 11])
  })

  it("has biases of keys and embeddings of token types, as zeros", () => {
    const made = toHuggingFace(weights)
    const added = [...made.keys()].filter((name) => !weights.has(name))
    assert.include(added, "vit.encoder.layer.0.attention.attention.key.bias")
    assert.include(added, "bert.encoder.layer.0.attention.self.key.bias")
    assert.include(added, "fusion.text.layer.0.crossattention.self.key.bias")
    assert.include(added, "bert.embeddings.token_type_embeddings.weight")
    for (const name of added) assert.isTrue(made.get(name)!.data.every((x) => x === 0))
  })

  it("is undone bit by bit", () => {
    const back = fromHuggingFace(toHuggingFace(weights))
    assert.deepStrictEqual(
      [...back].sort(([a], [b]) => (a < b ? -1 : 1)),
      [...weights].sort(([a], [b]) => (a < b ? -1 : 1))
    )
  })

  it("gives every text the first token type, in its positions", () => {
    const back = fromHuggingFace(
      new Map([
        ["bert.embeddings.position_embeddings.weight", { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
        ["bert.embeddings.token_type_embeddings.weight", { shape: [2, 2], data: Float32Array.of(10, 20, -1, -1) }],
        ["bert.embeddings.LayerNorm.gamma", { shape: [2], data: Float32Array.of(5, 6) }]
      ])
    )
    assert.deepStrictEqual([...back.keys()], ["bert.embeddings.position_embeddings.weight", "bert.embeddings.LayerNorm.weight"])
    assert.deepStrictEqual([...back.get("bert.embeddings.position_embeddings.weight")!.data], [11, 22, 13, 24])
  })
})
