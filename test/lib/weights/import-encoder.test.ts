import { assert, describe, it } from "@effect/vitest"
import { parameterLayout } from "../../../lib/model/layout.ts"
import type { Shapes } from "../../../lib/store/safetensors/name-faults.ts"
import { toHuggingFace, type Weight, type Weights } from "../../../lib/weights/hugging-face.ts"
import { fitEncoder } from "../../../lib/weights/import-encoder.ts"
import { thrownMessage } from "../../thrown-message.ts"
import { tinyPipeline } from "../task/tiny-pipeline.ts"

const { slots } = parameterLayout(tinyPipeline)
const model: Shapes = Object.fromEntries(slots.map(({ name, shape }) => [name, shape]))
const weight = (shape: readonly number[], from: number): Weight => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => from + i)
})
const numbered = (prefix: string): Weights =>
  new Map(slots.flatMap(({ name, shape }, i) => (name.startsWith(prefix) ? [[name, weight(shape, i)]] : [])))
const names = (weights: ReadonlyMap<string, unknown>) => [...weights.keys()].sort()
describe("importing an encoder", () => {
  const vit = toHuggingFace(numbered("vit."))
  const bert = toHuggingFace(numbered("bert."))

  it("takes a ViT of Hugging Face with or without its prefix, and names the heads it drops", () => {
    const bare = new Map([...vit].map(([name, tensor]) => [name.replace(/^vit\./, ""), tensor]))
    bare.delete("embeddings.mask_token") // standard checkpoints have none
    bare.set("pooler.dense.weight", weight([64, 64], 0))
    const found = fitEncoder("vit", "vit.safetensors", bare, model)
    assert.deepStrictEqual(found.dropped, ["pooler.dense.weight"])
    const expected = names(numbered("vit.")).filter((name) => name !== "vit.embeddings.mask_token")
    assert.deepStrictEqual(names(found.parameters), expected)
    assert.deepStrictEqual(found.parameters.get("vit.layernorm.bias"), numbered("vit.").get("vit.layernorm.bias")!.data)
    assert.isUndefined(found.faults)
  })

  it("resizes positions of another resolution", () => {
    const large = new Map(vit).set("vit.embeddings.position_embeddings", weight([1, 65, 64], 0))
    const found = fitEncoder("vit", "f", large, model)
    assert.deepStrictEqual(found.resized, ["vit.embeddings.position_embeddings"])
    assert.strictEqual(found.parameters.get("vit.embeddings.position_embeddings")!.length, 17 * 64)
  })

  it("reports missing, unexpected and misshapen names together and refuses them", () => {
    const wrong = new Map(vit)
      .set("vit.layernorm.bias", weight([65], 0))
      .set("vit.encoder.layer.2.layernorm_before.bias", weight([64], 0))
    wrong.delete("vit.layernorm.weight")
    assert.strictEqual(
      thrownMessage(() => fitEncoder("vit", "vit.safetensors", wrong, model)),
      "vit.safetensors: 1 missing: vit.layernorm.weight; 1 unexpected: vit.encoder.layer.2.layernorm_before.bias; 1 misshapen: vit.layernorm.bias is [65], expected [64]"
    )
    const found = fitEncoder("vit", "vit.safetensors", wrong, model, { allowFaults: true })
    assert.include(found.faults, "1 missing")
    assert.isFalse(found.parameters.has("vit.layernorm.bias"))
    assert.isTrue(found.parameters.has("vit.embeddings.cls_token"))
  })

  it("takes a BERT whose later layers start the fusion's text stream, and cuts positions", () => {
    const longer = new Map([...bert].map(([name, tensor]) => [name.replace("LayerNorm.weight", "LayerNorm.gamma"), tensor]))
    for (const [name, { shape }] of bert)
      if (name.startsWith("bert.encoder.layer.0.")) longer.set(name.replace("layer.0", "layer.1"), weight(shape, 7))
    longer.set("bert.embeddings.position_embeddings.weight", weight([600, 64], 0))
    longer.set("bert.pooler.dense.bias", weight([64], 0))
    assert.match(
      thrownMessage(() => fitEncoder("bert", "f", longer, model)),
      /15 unexpected: bert\.encoder\.layer\.1/
    )
    const found = fitEncoder("bert", "f", longer, model, { fusionFrom: 1 })
    assert.strictEqual(found.parameters.get("fusion.text.layer.0.intermediate.dense.bias")![0], 7)
    assert.deepStrictEqual(found.resized, ["bert.embeddings.position_embeddings.weight"])
    assert.isFalse([...found.parameters.keys()].some((name) => name.includes("crossattention")))
  })
})
