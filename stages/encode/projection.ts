import { dense, denseSpecs } from "../../lib/nn/dense.ts"
import { l2Normalize } from "../../lib/nn/norm.ts"
import { initStd, truncated } from "../../lib/nn/parameter.ts"
import type { ParameterSpecs, Parameters } from "../../lib/pipeline/stage.ts"
import type { Tensor } from "../../lib/tensor/tensor.ts"
import type { Model } from "./model.ts"

/** Parameters of the image's projection into the embedding space in which images and texts are compared. */
export const visionProjectionSpecs = ({ image, embedding }: Model): ParameterSpecs =>
  denseSpecs("vision_proj", embedding, image.width, truncated(initStd(image.width)))

/** Parameters of the text's projection. */
export const textProjectionSpecs = ({ text, embedding }: Model): ParameterSpecs =>
  denseSpecs("text_proj", embedding, text.width, truncated(initStd(text.width)))

/** Projects states to unit vectors of the embedding space. */
export const project = <B extends readonly string[]>(
  parameters: Parameters,
  name: "vision_proj" | "text_proj",
  x: Tensor<readonly [...B, "width"]>
): Tensor<readonly [...B, "embedding"]> => l2Normalize(dense<B, "width", "embedding">(parameters, name, x, "embedding"))
