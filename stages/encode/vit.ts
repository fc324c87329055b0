import * as tf from "@tensorflow/tfjs"
import { dense, denseSpecs } from "../../lib/nn/dense.ts"
import type { HiddenStates } from "../../lib/nn/multi-head.ts"
import { norm, normSpecs } from "../../lib/nn/norm.ts"
import { initStd, noDecay, truncated } from "../../lib/nn/parameter.ts"
import { preNormLayer, preNormLayerSpecs } from "../../lib/nn/pre-norm-layer.ts"
import type { ParameterSpecs, Parameters, Sizes } from "../../lib/pipeline/stage.ts"
import type { Tensor } from "../../lib/tensor/tensor.ts"
import type { Model } from "./model.ts"

const init = (width: number) => truncated(initStd(width))
const projection = "vit.embeddings.patch_embeddings.projection"
const layer = (i: number): string => `vit.encoder.layer.${i}`

/** The learned token that stands for hidden patches. */
export const maskTokenSpecs = ({ image }: Model): ParameterSpecs => ({
  "vit.embeddings.mask_token": noDecay([1, 1, image.width], init(image.width))
})

/** Parameters of the vision transformer (Dosovitskiy et al. 2021), as Hugging Face names them. */
export const vitSpecs = ({ image: { width, layers, ratio } }: Model, sizes: Sizes): ParameterSpecs => ({
  "vit.embeddings.cls_token": noDecay([1, 1, width], init(width)),
  "vit.embeddings.position_embeddings": noDecay([1, sizes["patches"]! + 1, width], init(width)),
  ...denseSpecs(projection, width, sizes["pixels"]!, init(width)),
  ...Object.assign({}, ...Array.from({ length: layers }, (_, i) => preNormLayerSpecs(layer(i), width, ratio, init(width)))),
  ...normSpecs("vit.layernorm", width)
})

type Patches = Tensor<readonly ["batch", "patches", "pixels"]>

/** x where nothing is hidden and the mask token where something is; products, since a broadcast selection would be tiled. */
const hide = (x: tf.Tensor, token: tf.Tensor, mask: Tensor<readonly ["batch", "patches"], "bool">): tf.Tensor => {
  const hidden = tf.expandDims(tf.cast(mask, "float32"), -1)
  return tf.add(tf.mul(x, tf.sub(1, hidden)), tf.mul(token, hidden))
}

/** All states after the final norm, [CLS] first; hidden patches enter as the mask token, before positions are added. */
export const vit = (
  parameters: Parameters,
  { image: { width, layers, heads } }: Model,
  patches: Patches,
  mask?: Tensor<readonly ["batch", "patches"], "bool">
): HiddenStates<"batch", "patches+1"> => {
  const projected: tf.Tensor = dense<["batch", "patches"], "pixels", "width">(parameters, projection, patches, "width")
  const seen = mask ? hide(projected, parameters("vit.embeddings.mask_token"), mask) : projected
  // Added to zeros rather than tiled: the gradient of a tile is one slice per sample.
  const cls = tf.add(tf.zeros([patches.shape[0]!, 1, width]), parameters("vit.embeddings.cls_token"))
  const start = tf.add(tf.concat([cls, seen], 1), parameters("vit.embeddings.position_embeddings")) as HiddenStates<
    "batch",
    "patches+1"
  >
  const states = Array.from({ length: layers }, (_, i) => layer(i)).reduce(
    (x, name) => preNormLayer(parameters, name, x, heads),
    start
  )
  return norm(parameters, "vit.layernorm", states, 1e-6)
}
