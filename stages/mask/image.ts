import * as tf from "@tensorflow/tfjs"
import { type Part, part } from "../../lib/pipeline/part.ts"
import type { NoiseSpec, TensorContext } from "../../lib/pipeline/stage.ts"
import { type Fields, tensor } from "../../lib/tensor/field.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"
import { among, largest } from "./choice.ts"

/** Indices of each image's masked patches, int32[batch, masked], without duplicates. */
export type MaskedPatches = Tensor<readonly ["batch", "masked"], "int32">

/** A strategy for choosing the masked patches. */
export interface ImageStrategy {
  readonly reads: Fields
  readonly noise: { readonly [name: string]: NoiseSpec }
  readonly choose: (context: TensorContext<never>) => MaskedPatches
}

/** Masked patches of each image, as a mask and as indices, and the indices of the others in ascending order. */
export const imageAdds = {
  imageMask: tensor("bool", "batch", "patches"),
  maskedPatches: tensor("int32", "batch", "masked"),
  visiblePatches: tensor("int32", "batch", "visible")
}

/** The part of the stage that masks patches by a strategy. */
export const imagePart = <Reads extends Fields>({
  reads,
  noise,
  choose
}: ImageStrategy & { readonly reads: Reads }): Part<Reads, typeof imageAdds> =>
  part({
    reads,
    adds: imageAdds,
    noise,
    apply: (context) => {
      const maskedPatches = choose(context as never) // a strategy reads what its row says
      const n = context.sizes["patches"]!
      const hidden = among(maskedPatches, n)
      const imageMask = named<["batch", "patches"], "bool">(tf.greater(hidden, 0), "batch", "patches")
      // Visible positions score highest, earlier ones more, so that no engine has ties to break.
      const scores = named(tf.neg(tf.cast(tf.add(tf.mul(hidden, n), tf.range(0, n, 1, "int32")), "float32")), "batch", "patches")
      const visiblePatches = largest(scores, n - maskedPatches.shape[1]!, "visible")
      return { fields: { imageMask, maskedPatches, visiblePatches } }
    }
  })
