import { Effect } from "effect"
import { batchMaker } from "../data/batch.ts"
import type { OpenedPart } from "../data/host/host-stages.ts"
import type { PreparedCache } from "../data/host/prepared-cache.ts"
import { noCache } from "../data/host/prepared-cache.ts"
import type { ReadyStage } from "../data/host/ready-stage.ts"
import type { Source } from "../data/source.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { withBatch } from "../pipeline/tensor-stages.ts"
import type { Fields } from "../tensor/field.ts"

/** Time that one thread takes to read samples and run the host stages on them. */
export interface TimedReading {
  /** Number of samples read. */
  readonly samples: number
  /** Seconds per sample where nothing is cached: a run's first epoch. */
  readonly firstSeconds: number
  /** Seconds per sample where the cacheable preprocessing is cached: later epochs. */
  readonly laterSeconds: number
}

/** A cache in memory. */
const memoryCache = (): PreparedCache => {
  const entries = new Map<string, Uint8Array>()
  return {
    ...noCache,
    get: (key) => Effect.sync(() => entries.get(key)),
    set: (key, bytes) => Effect.sync(() => void entries.set(key, bytes)),
    has: (key) => entries.has(key)
  }
}

/** Inputs of `timeReading`. */
export interface TimeReadingInputs {
  readonly pipeline: Pipeline
  readonly stages: readonly ReadyStage[]
  readonly source: Source<Fields>
  /** Sources of the parts of the batch: their samples, in proportion, count with those of the main source. */
  readonly parts?: { readonly [part: string]: OpenedPart }
  readonly seed: number
  readonly budgetSeconds: number
}

const batch = 8
const atMost = 64

/** Reads batches of a run in this thread, each twice: without a cache, and again from one in memory. Errors: those of a run. */
export const timeReading = Effect.fn("explain.timeReading")(function* (inputs: TimeReadingInputs) {
  const pipeline = withBatch(inputs.pipeline, batch)
  const cached = (stages: readonly ReadyStage[]) => stages.map((stage) => ({ ...stage, cache: memoryCache() }))
  const parts = Object.fromEntries(
    Object.entries(inputs.parts ?? {}).map(([name, part]) => [name, { ...part, stages: cached(part.stages) }])
  )
  const make = batchMaker({ ...inputs, pipeline, stages: cached(inputs.stages), parts })
  yield* make(0) // decoders are loaded
  const started = performance.now()
  const total = { first: 0, later: 0, batches: 0 }
  for (let index = 1; index <= atMost; index++) {
    const from = performance.now()
    yield* make(index)
    const between = performance.now()
    yield* make(index)
    total.first += between - from
    total.later += performance.now() - between
    total.batches = index
    if (performance.now() - started > inputs.budgetSeconds * 1000) break
  }
  const samples = batch * total.batches
  const result: TimedReading = {
    samples,
    firstSeconds: total.first / samples / 1000,
    laterSeconds: total.later / samples / 1000
  }
  return result
})
