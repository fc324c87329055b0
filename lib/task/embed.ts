import { Effect } from "effect"
import { asPairs, type PairSides } from "../data/as-pairs.ts"
import type { ReadyStage } from "../data/host/ready-stage.ts"
import type { Source } from "../data/source.ts"
import type { EngineSession } from "../engine/engine.ts"
import type { Layout } from "../model/layout.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { TrainedSet } from "../pipeline/weight-set.ts"
import type { Fields } from "../tensor/field.ts"
import { openEncoders } from "./encoders.ts"
import { type Items, listItems } from "./items.ts"
import type { Rows } from "./nearest.ts"
import { needItems } from "./skipped-text.ts"
import { encodeSide } from "./states.ts"

/** A model and the source to embed. */
export interface EmbedInputs {
  readonly session: EngineSession
  readonly pipeline: Pipeline
  readonly layout: Layout
  readonly host: readonly ReadyStage[]
  /** Pairs, or images or texts alone. */
  readonly source: Source<Fields>
  readonly who: TrainedSet
  readonly batch: number
}

/** Unit embeddings of a source's images and texts, row by row in the order of `items`. */
export interface Embeddings {
  readonly items: Items
  readonly images: Rows
  readonly texts: Rows
}

/** Host stages that can run on the given sides of a pair. */
const stagesOf = (host: readonly ReadyStage[], { hasImages, hasTexts }: PairSides): readonly ReadyStage[] =>
  host.filter(({ stage: { reads } }) =>
    Object.hasOwn(reads, "image") ? hasImages : hasTexts || !Object.hasOwn(reads, "captions")
  )

/**
 * Embeds every image and every text of a source, which may have only one of the two. Errors: `EvaluateError`, `EngineError`,
 * `SampleError`.
 */
export const embedSource = Effect.fn("evaluate.embedSource")(function* (inputs: EmbedInputs) {
  const { session, pipeline, layout, host, batch } = inputs
  const sides = asPairs(inputs.source)
  const { source, hasImages, hasTexts } = sides
  const listed = yield* listItems(source, stagesOf(host, sides))
  const items: Items = { ...listed, images: hasImages ? listed.images : [] }
  if (hasImages === hasTexts || items.images.length + items.texts.length === 0) yield* needItems("embed", items)
  const { images, texts } = yield* openEncoders(session, pipeline, layout, host, source, items, inputs)
  const image = yield* encodeSide(images, "image", batch, 0)
  const text = yield* encodeSide(texts, "text", batch, 0)
  return { items, images: image.embeddings, texts: text.embeddings } satisfies Embeddings
})
