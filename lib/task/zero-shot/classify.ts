import { Effect, Schema } from "effect"
import { derive, key } from "../../random/key.ts"
import { permutation } from "../../random/permutation.ts"
import { compileEncoders, encodersOf } from "../encoders.ts"
import { EvaluateError } from "../evaluate-error.ts"
import { nearest } from "../nearest.ts"
import { skippedText } from "../skipped-text.ts"
import { encodeSide } from "../states.ts"
import type { Outcome, TaskInputs } from "../task.ts"
import { accuracies, type ZeroShot } from "./accuracy.ts"
import { classEmbeddings, classTexts } from "./class-texts.ts"
import { captioned, classesOf, listLabelled } from "./labels.ts"

/** Example images with their predicted classes, best first, and the accuracy of each class. */
export const ZeroShotDetails = Schema.Struct({
  templates: Schema.Array(Schema.String),
  perClass: Schema.Array(Schema.Struct({ label: Schema.String, images: Schema.Int, accuracy: Schema.Finite })),
  examples: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      label: Schema.String,
      found: Schema.Array(Schema.Struct({ label: Schema.String, score: Schema.Finite }))
    })
  )
})
export type ZeroShotDetails = typeof ZeroShotDetails.Type

/** Number of classes kept per image, and number of those that an example shows. */
const [kept, shown] = [5, 3]

/**
 * Classifies images by the texts of class labels alone: the class with the nearest mean text embedding by cosine similarity.
 * Errors: `EvaluateError` (no usable image, or a single class), `EngineError`, `SampleError`.
 */
export const classify = Effect.fn("zeroShot.classify")(function* (
  { session, pipeline, layout, host, source: given, whole, who, batch }: TaskInputs,
  templates: readonly string[],
  exampleCount: number
) {
  const source = captioned(given)
  const classes = yield* classesOf(whole)
  const { images, skipped } = yield* listLabelled(source, host)
  if (images.length === 0 || classes.length < 2) {
    const why = skipped.length > 0 ? `: ${skippedText(skipped)}` : ""
    const reason = `${images.length} images and ${classes.length} classes of ${whole.name}${why}`
    return yield* new EvaluateError({ task: "zeroShot", reason })
  }
  const compiled = yield* compileEncoders(session, pipeline, layout, { batch, who, states: [] })
  const texts = classTexts(classes, templates)
  const encoders = encodersOf(compiled, host, source, { images, texts, skipped })
  const image = yield* encodeSide(encoders.images, "image", batch, 0)
  const text = yield* encodeSide(encoders.texts, "text", batch, 0)
  const found = yield* nearest(image.embeddings, classEmbeddings(text.embeddings, templates.length), kept)
  const numbers = new Map(classes.map((label, number) => [label, number]))
  const truth = images.map(({ label }) => numbers.get(label)!)
  const { metrics, perClass } = accuracies(truth, found.candidates, found.k, classes)
  const at = permutation(derive(key(pipeline.training.seed), "zero-shot examples"), images.length)
  const chosen = Array.from({ length: Math.min(exampleCount, images.length) }, (_, i) => at(i)).sort((a, b) => a - b)
  const examples = chosen.map((item) => ({
    id: images[item]!.id,
    label: images[item]!.label,
    found: Array.from({ length: Math.min(shown, found.k) }, (_, r) => ({
      label: classes[found.candidates[item * found.k + r]!]!,
      score: found.similarities[item * found.k + r]!
    }))
  }))
  return { metrics, details: { templates, perClass, examples }, skipped } satisfies Outcome<ZeroShot, ZeroShotDetails>
})
