import * as tf from "@tensorflow/tfjs"
import { paddingBias } from "../../lib/nn/attention-bias.ts"
import type { HiddenStates } from "../../lib/nn/multi-head.ts"
import { norm, normSpecs } from "../../lib/nn/norm.ts"
import { initStd, matrix, noDecay, normal } from "../../lib/nn/parameter.ts"
import { postNormLayer, postNormLayerSpecs } from "../../lib/nn/post-norm-layer.ts"
import type { ParameterSpecs, Parameters } from "../../lib/pipeline/stage.ts"
import { ShapeMismatch, type Tensor } from "../../lib/tensor/tensor.ts"
import type { TextModel } from "./encoder-kind.ts"

const init = (width: number) => normal(initStd(width))
const words = "bert.embeddings.word_embeddings.weight"
const positions = "bert.embeddings.position_embeddings.weight"
const layer = (i: number): string => `bert.encoder.layer.${i}`

/** Specification of the table of word embeddings, to which the masked-word head is tied. */
export const wordEmbeddingSpecs = (vocabulary: number, width: number): ParameterSpecs => ({
  [words]: matrix(vocabulary, width, init(width))
})

/** Tensor of the same table, [vocabulary, width]. */
export const wordEmbeddings = (parameters: Parameters): tf.Tensor => parameters(words)

/** Parameters of the text encoder (Devlin et al. 2019), as Hugging Face names them; token types are folded into the positions. */
export const bertSpecs = ({ text: { width, layers, ratio, vocabulary, maxPositions } }: TextModel): ParameterSpecs => ({
  ...wordEmbeddingSpecs(vocabulary, width),
  [positions]: noDecay([maxPositions, width], init(width)),
  ...normSpecs("bert.embeddings.LayerNorm", width),
  ...Object.assign({}, ...Array.from({ length: layers }, (_, i) => postNormLayerSpecs(layer(i), width, ratio, init(width))))
})

/**
 * Returns the hidden states after the last layer; padding is masked in attention. Throws a `ShapeMismatch` for texts longer than
 * the number of positions.
 */
export const bert = (
  parameters: Parameters,
  { text: { width, layers, heads, maxPositions } }: TextModel,
  tokens: Tensor<readonly ["batch", "tokens"], "int32">,
  tokenMask: Tensor<readonly ["batch", "tokens"], "bool">
): HiddenStates<"batch", "tokens"> => {
  const [batch, length] = tokens.shape as [number, number]
  if (length > maxPositions)
    throw new ShapeMismatch("a text of encode", `at most ${maxPositions} tokens long`, `${length} tokens long`)
  const embedded = tf.reshape(tf.gather(parameters(words), tf.reshape(tokens, [-1])), [batch, length, width])
  const placed = tf.add(embedded, tf.slice(parameters(positions), [0, 0], [length, width])) as HiddenStates<"batch", "tokens">
  const start = norm(parameters, "bert.embeddings.LayerNorm", placed, 1e-12)
  const bias = paddingBias(tokenMask)
  return Array.from({ length: layers }, (_, i) => layer(i)).reduce(
    (x, name) => postNormLayer(parameters, name, x, heads, bias),
    start
  )
}
