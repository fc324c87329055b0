import { Effect } from "effect"
import { runHost, type SampleValues, sampleInput } from "../data/host/host.ts"
import type { ReadyStage } from "../data/host/ready-stage.ts"
import type { Source } from "../data/source.ts"
import type { EngineSession } from "../engine/engine.ts"
import { thumbnail } from "../html/thumbnail.ts"
import type { Layout } from "../model/layout.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"

/** A model, and what is needed to run it for a report. */
export interface Subject {
  readonly session: EngineSession
  readonly pipeline: Pipeline
  readonly layout: Layout
  readonly host: readonly ReadyStage[]
}

/** A sample to be shown: the host stages' values, its first caption, and its image. */
export interface Shown {
  readonly id: string
  readonly caption: string
  readonly image: string
  readonly values: SampleValues
}

/** Returns the first `count` samples of a source that can be used and decoded, without randomness. */
export const shownSamples = Effect.fn("report.shownSamples")(function* (
  source: Source,
  host: readonly ReadyStage[],
  count: number
) {
  const shown: Shown[] = []
  for (let index = 0; index < source.count && shown.length < count; index++) {
    const read = yield* Effect.result(
      Effect.gen(function* () {
        const input = yield* sampleInput(source, index)
        const raw = yield* input.raw
        return { raw, values: yield* runHost(host, input, null) }
      })
    )
    if (read._tag === "Failure") continue
    const { raw, values } = read.success
    const image = yield* thumbnail(raw.image, true)
    if (image !== undefined) shown.push({ id: raw.id, caption: raw.captions[0]!, image, values })
  }
  return shown as readonly Shown[]
})
