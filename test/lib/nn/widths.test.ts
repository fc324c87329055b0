import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import { causalBias } from "../../../lib/nn/attention-bias.ts"
import { dense, denseSpecs } from "../../../lib/nn/dense.ts"
import type { HiddenStates } from "../../../lib/nn/multi-head.ts"
import { filled } from "../../../lib/nn/parameter.ts"
import { postNormAttention, postNormAttentionSpecs } from "../../../lib/nn/post-norm-layer.ts"
import { preNormLayer, preNormLayerSpecs } from "../../../lib/nn/pre-norm-layer.ts"
import { clsToken, patchTokens } from "../../../lib/nn/tokens.ts"
import type { ParameterSpecs } from "../../../lib/pipeline/stage.ts"
import { named } from "../../../lib/tensor/tensor.ts"

beforeAll(async () => {
  await tf.setBackend("cpu")
})

const width = 4
const specs: ParameterSpecs = {
  ...denseSpecs("embed", width, 6, filled(0.1)),
  ...preNormLayerSpecs("layer", width, 2, filled(0.1)),
  ...postNormAttentionSpecs("cross", width, filled(0.1), 6)
}
const parameters = (name: string) => {
  const { shape, init } = specs[name]!
  return tf.tensor(init(undefined as never, shape), [...shape])
}

describe("layers of a decoder, of a width and of tokens with names of their own", () => {
  const encoded: HiddenStates<"pairs", "regions+1", "width"> = named(tf.ones([2, 4, 6]), "pairs", "regions+1", "width")

  it("keep the names in types, and the sizes in shapes", () => {
    const x: HiddenStates<"pairs", "regions+1", "decoderWidth"> = dense(parameters, "embed", encoded, "decoderWidth")
    const causal: HiddenStates<"pairs", "regions+1", "decoderWidth"> = preNormLayer(parameters, "layer", x, 2, causalBias(x))
    const regions: HiddenStates<"pairs", "regions", "decoderWidth"> = patchTokens(causal)
    const crossed: HiddenStates<"pairs", "regions", "decoderWidth"> = postNormAttention(parameters, "cross", regions, encoded, 2)
    assert.deepEqual(crossed.shape, [2, 3, width])
    assert.deepEqual(clsToken(crossed).shape, [2, width])
  })

  it("are not taken for others: a width for another, or a bias of other tokens", () => {
    const x = dense(parameters, "embed", encoded, "decoderWidth")
    // @ts-expect-error: its width is the decoder's
    const wrong: HiddenStates<"pairs", "regions+1", "width"> = preNormLayer(parameters, "layer", x, 2)
    assert.isDefined(wrong)
    const short = patchTokens(x)
    // @ts-expect-error: the bias is of tokens with [CLS]
    assert.throws(() => preNormLayer(parameters, "layer", short, 2, causalBias(x)))
  })
})
