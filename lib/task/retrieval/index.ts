import { Effect, Schema } from "effect"
import { pairValues } from "../../pipeline/samples.ts"
import { count, natural, setting } from "../../pipeline/settings.ts"
import { noStages, type Stages, type Task } from "../../pipeline/task.ts"
import { states } from "../../tensor/field.ts"
import { defineTask } from "../define-task.ts"
import { compileEncoders } from "../encoders.ts"
import { evaluateRetrieval, RetrievalDetails } from "./evaluate-retrieval.ts"
import { leadingRanking } from "./leading-ranking.ts"
import { Retrieval } from "./retrieve.ts"
import { retrievalFigures, retrievalSection, shownImages } from "./section.ts"
import { retrievalCard, retrievalText } from "./text.ts"

const Settings = Schema.Struct({
  /** Number of held-out pairs to evaluate on. */
  pairs: setting(natural, 400),
  /** Number of nearest candidates by cosine similarity that are re-ranked, where the task has a chain that scores pairs. */
  candidates: setting(count, 128)
})

const reads = {
  imageEmbedding: states("float32", "batch", "embedding"),
  textEmbedding: states("float32", "batch", "embedding")
}

/** Settings of retrieval as validation during training: the ten candidates of recall at 10, by cosine similarity alone. */
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

/**
 * Creates retrieval as a pipeline's task: the number of held-out pairs, and the chain that scores a pair of encoded image and
 * text for re-ranking.
 */
export const retrieval = ({
  score = noStages,
  ...settings
}: typeof Settings.Encoded & { readonly score?: Stages } = {}): Task<"retrieval", typeof reads> =>
  definition.make(settings, score)
