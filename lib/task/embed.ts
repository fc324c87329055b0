import { Effect } from "effect"
import type { ReadyStage } from "../data/host/ready-stage.ts"
import type { Source } from "../data/source.ts"
import type { EngineSession } from "../engine/engine.ts"
import type { Layout } from "../model/layout.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { TrainedSet } from "../pipeline/weight-set.ts"
import { openEncoders } from "./encoders.ts"
import { type Items, listItems } from "./items.ts"
import type { Rows } from "./nearest.ts"
import { needItems } from "./skipped-text.ts"
import { encodeSide } from "./states.ts"

/** A model and what it is to embed. */
export interface EmbedInputs {
  readonly session: EngineSession
  readonly pipeline: Pipeline
  readonly layout: Layout
  readonly host: readonly ReadyStage[]
  readonly source: Source
  readonly who: TrainedSet
  readonly batch: number
}

/** Unit embeddings of a source's images and texts, row by row in the order of `items`. */
export interface Embeddings {
  readonly items: Items
  readonly images: Rows
  readonly texts: Rows
}

/** Embeds every image and every caption of a source. Errors: `EvaluateError`, `EngineError`, `SampleError`. */
export const embedSource = Effect.fn("evaluate.embedSource")(function* (inputs: EmbedInputs) {
  const { session, pipeline, layout, host, source, batch } = inputs
  const items = yield* listItems(source, host)
  yield* needItems("embed", items)
  const { images, texts } = yield* openEncoders(session, pipeline, layout, host, source, items, inputs)
  const image = yield* encodeSide(images, "image", batch, 0)
  const text = yield* encodeSide(texts, "text", batch, 0)
  return { items, images: image.embeddings, texts: text.embeddings } satisfies Embeddings
})
