import * as tf from "@tensorflow/tfjs"
import { dense, denseSpecs } from "../../lib/nn/dense.ts"
import type { HiddenStates } from "../../lib/nn/multi-head.ts"
import { norm, normSpecs } from "../../lib/nn/norm.ts"
import { initStd, noDecay, truncated } from "../../lib/nn/parameter.ts"
import { preNormLayer, preNormLayerSpecs } from "../../lib/nn/pre-norm-layer.ts"
import { gatherTokens } from "../../lib/nn/tokens.ts"
import type { ParameterSpecs, Parameters, Sizes } from "../../lib/pipeline/stage.ts"
import type { Tensor } from "../../lib/tensor/tensor.ts"
import type { Hiding, ImageModel, Patches } from "./encoder-kind.ts"

const init = (width: number) => truncated(initStd(width))
const projection = "vit.embeddings.patch_embeddings.projection"
const layer = (i: number): string => `vit.encoder.layer.${i}`

/** Specification of the learned mask token, which replaces masked patches. */
export const maskTokenSpecs = ({ image }: ImageModel): ParameterSpecs => ({
  "vit.embeddings.mask_token": noDecay([1, 1, image.width], init(image.width))
})

/** Parameters of the vision transformer (Dosovitskiy et al. 2021), as Hugging Face names them. */
export const vitSpecs = ({ image: { width, layers, ratio } }: ImageModel, sizes: Sizes): ParameterSpecs => ({
  "vit.embeddings.cls_token": noDecay([1, 1, width], init(width)),
  "vit.embeddings.position_embeddings": noDecay([1, sizes["patches"]! + 1, width], init(width)),
  ...denseSpecs(projection, width, sizes["pixels"]!, init(width)),
  ...Object.assign({}, ...Array.from({ length: layers }, (_, i) => preNormLayerSpecs(layer(i), width, ratio, init(width)))),
  ...normSpecs("vit.layernorm", width)
})

type Mask = Tensor<readonly ["batch", "patches"], "bool">
type Indices = Tensor<readonly ["batch", "visible"], "int32">

/** Returns x with masked rows replaced by the mask token; computed by products, since a broadcast selection would be tiled. */
const hide = (x: tf.Tensor, token: tf.Tensor, mask: Mask): tf.Tensor => {
  const hidden = tf.expandDims(tf.cast(mask, "float32"), -1)
  return tf.add(tf.mul(x, tf.sub(1, hidden)), tf.mul(token, hidden))
}

const cls = "vit.embeddings.cls_token"
const positions = "vit.embeddings.position_embeddings"

/** Embeds [CLS] and patches, each with its position; masked patches are replaced by the mask token before positions are added. */
const embedAll = (parameters: Parameters, width: number, patches: Patches, mask?: Mask): tf.Tensor => {
  const projected: tf.Tensor = dense<["batch", "patches"], "pixels", "width">(parameters, projection, patches, "width")
  const seen = mask ? hide(projected, parameters("vit.embeddings.mask_token"), mask) : projected
  // Added to zeros rather than tiled: the gradient of a tile is one slice per sample.
  const first = tf.add(tf.zeros([patches.shape[0]!, 1, width]), parameters(cls))
  return tf.add(tf.concat([first, seen], 1), parameters(positions))
}

/** Embeds [CLS] and the visible patches alone, each with its position (He et al. 2022). */
const embedVisible = (parameters: Parameters, width: number, patches: Patches, visible: Indices): tf.Tensor => {
  const [batch, n] = visible.shape as [number, number]
  const seen = dense<["rows"], "pixels", "width">(parameters, projection, gatherTokens(patches, visible), "width")
  const [table, at] = [parameters(positions), tf.reshape(tf.add(visible, tf.scalar(1, "int32")), [-1]) as tf.Tensor1D]
  const placed = tf.add(seen, tf.gather(tf.reshape(table, [-1, width]), at))
  const first = tf.add(parameters(cls), tf.slice(table, [0, 0, 0], [1, 1, width]))
  return tf.concat([tf.add(tf.zeros([batch, 1, width]), first), tf.reshape(placed, [batch, n, width])], 1)
}

/** Returns the hidden states after the final norm, [CLS] first; with `visible` those of the visible patches alone. */
export const vit = (
  parameters: Parameters,
  { image: { width, layers, heads } }: ImageModel,
  patches: Patches,
  { mask, visible }: Hiding = {}
): HiddenStates<"batch", "patches+1"> => {
  const start = (
    visible ? embedVisible(parameters, width, patches, visible) : embedAll(parameters, width, patches, mask)
  ) as HiddenStates<"batch", "patches+1">
  const states = Array.from({ length: layers }, (_, i) => layer(i)).reduce(
    (x, name) => preNormLayer(parameters, name, x, heads),
    start
  )
  return norm(parameters, "vit.layernorm", states, 1e-6)
}
