import * as tf from "@tensorflow/tfjs"
import { Schema } from "effect"
import type { TypeOfSettings } from "../../lib/pipeline/define-stage.ts"
import type { Part } from "../../lib/pipeline/part.ts"
import { fraction, positive, setting } from "../../lib/pipeline/settings.ts"
import type { TensorContext } from "../../lib/pipeline/stage.ts"
import { strategyBy } from "../../lib/pipeline/strategy.ts"
import { detach } from "../../lib/tensor/own.ts"
import { named, type Tensor } from "../../lib/tensor/tensor.ts"
import { among, largest, maskedCount } from "./choice.ts"
import { type imageAdds, imagePart, type MaskedPatches } from "./image.ts"
import { gumbelNoise, orderNoise } from "./noise.ts"
import { type Relevance, relevance, relevanceReads } from "./relevance.ts"

const settings = {
  ratio: setting(fraction, 0.5),
  temperature: setting(positive, 1),
  relevance: setting(Schema.Literals(Object.keys(relevanceReads) as readonly Relevance[]), "embedding"),
  /**
   * Selection: drawn by relevance, the most relevant, or a fraction drawn by relevance and the rest uniformly from all others.
   */
  select: setting(
    Schema.Union([
      Schema.Literals(["sample", "top"]),
      Schema.Struct({ mix: fraction }).annotate({ identifier: "textGuided.select" })
    ]),
    "sample"
  )
}
type TextGuided = Schema.Struct.Type<typeof settings>

/** Standardises relevance per image: (x − mean) / deviation; 0 where all are equal. */
const standardised = (x: tf.Tensor): tf.Tensor => {
  const centred = tf.sub(x, tf.mean(x, 1, true))
  return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), 1e-6)))
}

type Scores = Tensor<readonly ["batch", "patches"]>

const choose = (settings: TextGuided, context: TensorContext<never>): MaskedPatches => {
  const { noise, sizes } = context
  const count = maskedCount(settings.ratio, sizes["patches"]!)
  const scores = detach(relevance(settings.relevance, context))
  if (settings.select === "top") return largest(scores, count, "masked")
  const keys = tf.add(tf.div(standardised(scores), settings.temperature), noise["maskGumbel"]!) as Scores
  if (settings.select === "sample") return largest(keys, count, "masked")
  const guided = largest(keys, maskedCount(settings.select.mix, count), "masked")
  const left = tf.sub(noise["maskOrder"]!, among(guided, sizes["patches"]!)) as Scores
  return named(tf.concat([guided, largest(left, count - guided.shape[1]!, "masked")], 1), "batch", "masked")
}

type RelevanceOf<S> = S extends { readonly relevance: infer R extends Relevance } ? R : "embedding"

interface GuidedPart extends TypeOfSettings {
  readonly type: Part<(typeof relevanceReads)[RelevanceOf<this["settings"]>], typeof imageAdds>
}

/**
 * Masks patches that are relevant to the text (method.md §3): exactly round(ratio · N), drawn without replacement with
 * probability ∝ exp(z / temperature), z being the relevance standardised per image. Throws a `SettingsError`.
 */
export const textGuided = strategyBy<GuidedPart>()("textGuided", settings, (given) =>
  imagePart({
    reads: relevanceReads[given.relevance],
    noise: {
      ...(given.select === "top" ? {} : { maskGumbel: gumbelNoise("patches") }),
      ...(typeof given.select === "object" ? { maskOrder: orderNoise("patches") } : {})
    },
    choose: (context) => choose(given, context)
  })
)
