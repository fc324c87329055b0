import { Effect, Schema } from "effect"
import { sampleKinds } from "../../pipeline/sample-kinds.ts"
import { natural, setting } from "../../pipeline/settings.ts"
import type { Task } from "../../pipeline/task.ts"
import { states } from "../../tensor/field.ts"
import { defineTask } from "../define-task.ts"
import { ZeroShot } from "./accuracy.ts"
import { classify, ZeroShotDetails } from "./classify.ts"
import { zeroShotFigures, zeroShotSection } from "./section.ts"
import { zeroShotCard, zeroShotText } from "./text.ts"

const template = Schema.String.check(Schema.isPattern(/\{\}/))

const Settings = Schema.Struct({
  /** Number of labelled images that a run evaluates. */
  images: setting(natural, 400),
  /** Name of the labelled data; null for the pipeline's held-out data. */
  data: setting(Schema.NullOr(Schema.String), null),
  /** Templates of a class's texts, whose embeddings are averaged; `{}` is replaced by the label. */
  templates: setting(Schema.NonEmptyArray(template), ["{}", "an image of {}"])
})

const reads = {
  imageEmbedding: states("float32", "batch", "embedding"),
  textEmbedding: states("float32", "batch", "embedding")
}

/** Zero-shot classification of labelled images by the texts of their labels (CLIP, Radford et al. 2021). */
export const definition = defineTask({
  name: "zeroShot",
  summary: "tells the classes of labelled images by their labels' texts: accuracy, and the mean over classes",
  settings: Settings,
  reads,
  sampleFields: sampleKinds.labelled,
  samples: "images",
  data: "data",
  metrics: ZeroShot,
  details: ZeroShotDetails,
  evaluate: (inputs, { templates }) => classify(inputs, templates, 8),
  validate: (inputs, { templates }) =>
    Effect.map(classify(inputs, templates, 0), ({ metrics: { accuracy, perClass } }) => ({ accuracy, perClass })),
  text: zeroShotText,
  card: zeroShotCard,
  figures: zeroShotFigures,
  section: zeroShotSection,
  shows: ({ details }) => details.examples.map(({ id }) => id)
})

/** Creates zero-shot classification as a pipeline's task: the number of images, the labelled data, and the templates. */
export const zeroShot = (settings: typeof Settings.Encoded = {}): Task<"zeroShot", typeof reads> => definition.make(settings)
