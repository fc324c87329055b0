import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import { paddingBias } from "../../lib/nn/attention-bias.ts"
import { named } from "../../lib/tensor/tensor.ts"
import { bert } from "../../stages/encode/bert.ts"
import type { Model } from "../../stages/encode/model.ts"
import { vit } from "../../stages/encode/vit.ts"
import { crossLayer } from "../../stages/fuse/co-attention.ts"
import { distance, golden } from "./golden.ts"

const file = golden("blocks.safetensors")
const encoder = { width: 32, layers: 2, heads: 2, ratio: 4 }
const model: Model = { name: "model", image: encoder, text: { ...encoder, vocabulary: 50, maxPositions: 16 }, embedding: 8 }

type Weights = ReadonlyMap<string, tf.Tensor>

/** Holds a block's output and its gradients of Σ output · probe against the file. */
const compare = (
  block: string,
  inputs: readonly string[],
  run: (weights: (name: string) => tf.Tensor, input: Weights) => tf.Tensor
): void => {
  const start = `${block}/weights/`
  const weights = new Map(file.names.filter((n) => n.startsWith(start)).map((n) => [n.slice(start.length), file.tensor(n)]))
  const given = new Map(inputs.map((name) => [name, file.tensor(`${block}/${name}`)]))
  const all = new Map([...weights, ...given])
  let output: tf.Tensor | undefined
  const { grads } = tf.engine().gradients(() => {
    output = tf.keep(run((name) => weights.get(name)!, given))
    return tf.sum(tf.mul(output, file.tensor(`${block}/probe`)))
  }, [...all.values()])
  assert.isBelow(distance(output!.dataSync(), file.values(`${block}/output`)).relative, 1e-6)
  ;[...all.keys()].forEach((name, i) => {
    const { relative } = distance(grads[i]!.dataSync(), file.values(`${block}/gradient/${name}`))
    assert.isBelow(relative, 3e-6, name)
  })
}

describe("blocks, as timm and transformers compute them in float64", () => {
  beforeAll(async () => {
    await tf.setBackend("cpu")
  })

  it("ViT: output and gradients of weights and patches", () => {
    compare("vit", ["input"], (weights, input) => vit(weights, model, named(input.get("input")!, "batch", "patches", "pixels")))
  })

  it("BERT with padding: output and gradients of weights", () => {
    const tokens = named<["batch", "tokens"], "int32">(file.tensor("bert/input"), "batch", "tokens")
    const mask = named<["batch", "tokens"], "bool">(tf.cast(file.tensor("bert/mask"), "bool"), "batch", "tokens")
    compare("bert", [], (weights) => bert(weights, model, tokens, mask))
  })

  it("a fusion layer: output and gradients of weights and both streams", () => {
    const mask = named<["batch", "tokens"], "bool">(tf.cast(file.tensor("cross/mask"), "bool"), "batch", "tokens")
    compare("cross", ["input", "other"], (weights, input) =>
      crossLayer(
        weights,
        "fusion.text.layer.0",
        2,
        { x: named(input.get("input")!, "batch", "tokens", "width"), bias: paddingBias(mask) },
        { x: named(input.get("other")!, "batch", "patches+1", "width") }
      )
    )
  })
})
