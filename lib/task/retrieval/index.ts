import { Effect, Schema } from "effect"
import { pairValues } from "../../pipeline/samples.ts"
import { count, natural, setting } from "../../pipeline/settings.ts"
import { noStages, type Stages, type Task } from "../../pipeline/task.ts"
import { states } from "../../tensor/field.ts"
import { compileEncoders } from "../encoders.ts"
import { defineTask } from "../task.ts"
import { evaluateRetrieval, RetrievalDetails } from "./evaluate-retrieval.ts"
import { leadingRanking } from "./leading-ranking.ts"
import { Retrieval } from "./retrieve.ts"
import { retrievalFigures, retrievalSection, shownImages } from "./section.ts"
import { retrievalCard, retrievalText } from "./text.ts"

const Settings = Schema.Struct({
  /** Held-out pairs that a run measures. */
  pairs: setting(natural, 400),
  /** How many of the nearest by cosine are re-ranked, where there is something that scores pairs. */
  candidates: setting(count, 128)
})

const reads = {
  imageEmbedding: states("float32", "batch", "embedding"),
  textEmbedding: states("float32", "batch", "embedding")
}

/** How retrieval is measured while a model is trained: the ten of recall at 10, by cosine alone. */
const quick = { k: 10, examples: 0, captions: 1 }

/** Retrieval of texts for an image and of images for a text (method.md §8). */
export const definition = defineTask({
  name: "retrieval",
  summary: "finds texts for images and images for texts: recall both ways, by cosine and re-ranked",
  settings: Settings,
  formerly: { evaluate: "pairs", candidates: "candidates" },
  reads,
  sampleFields: pairValues,
  samples: "pairs",
  metrics: Retrieval,
  details: RetrievalDetails,
  evaluate: Effect.fn("retrieval")(function* (inputs, { pairs, candidates: k }, chain) {
    const { session, pipeline, layout, who, batch, captions } = inputs
    const compiled = yield* compileEncoders(session, pipeline, layout, { batch, who, chain })
    const options = { who, batch, k, compiled, chain }
    const { leading, note } = yield* leadingRanking(inputs, { ...options, test: { setting: "retrieval.pairs", count: pairs } })
    const outcome = yield* evaluateRetrieval(inputs, { ...options, ...(captions === undefined ? {} : { captions }), leading })
    return { ...outcome, ...(note === undefined ? {} : { notes: [note] }) }
  }),
  validate: (inputs) =>
    Effect.map(evaluateRetrieval(inputs, quick), ({ metrics: { dual } }) => {
      const { tr1, tr10, ir1, ir10 } = dual
      return { tr1, tr10, ir1, ir10 }
    }),
  text: retrievalText,
  card: retrievalCard,
  figures: retrievalFigures,
  section: retrievalSection,
  shows: shownImages,
  choice: ({ leading }) => leading
})

/** Retrieval as a pipeline's task: on how many held-out pairs, and what scores a pair of encoded image and text for re-ranking. */
export const retrieval = ({
  score = noStages,
  ...settings
}: typeof Settings.Encoded & { readonly score?: Stages } = {}): Task<"retrieval", typeof reads> =>
  definition.make(settings, score)
