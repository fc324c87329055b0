import { Effect } from "effect"
import { sizeOf } from "../compiler/program.ts"
import type { NamedNumbers, Numbers } from "../engine/engine.ts"
import { WiringError } from "../pipeline/errors.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { NoiseSpec } from "../pipeline/stage.ts"
import { hostFields, shapeOf, sizesOf, tensorStagesOf } from "../pipeline/tensor-stages.ts"
import { integers } from "../random/integers.ts"
import { derive, drawKey, type Key, key } from "../random/key.ts"
import { type Order, order, type Place } from "../random/order.ts"
import type { Fields } from "../tensor/field.ts"
import { type BadSample, type BadSampleBudget, budgetDefaults, frequentReasons, TooManyBadSamples } from "./bad-samples.ts"
import { releaseBuffer } from "./host/buffer-pool.ts"
import { runHost, type SampleValues, sampleInput } from "./host/host.ts"
import type { ReadyStage } from "./host/ready-stage.ts"
import type { Source } from "./source.ts"
import { putRow, type RowType, zeros } from "./stack.ts"

/** A batch ready for the engine: fields and noise by input name, and the ids of its samples. */
export interface TrainingBatch {
  readonly epoch: number
  readonly ids: readonly string[]
  readonly feeds: NamedNumbers
  /** Samples drawn for it that could not be used. */
  readonly bad?: readonly BadSample[]
}

/** Batch `index` of a run, with the bad samples that were replaced. */
export interface Batch extends TrainingBatch {
  readonly index: number
  readonly bad: readonly BadSample[]
}

/** Makes any batch of a run, in any order: a function of its index. */
export type BatchMaker = (index: number) => Effect.Effect<Batch, TooManyBadSamples | WiringError>

/** A feed of the program: its name, and its type per sample. */
interface Row {
  readonly name: string
  readonly dtype: RowType
  readonly shape: readonly number[]
}

/** A feed that is drawn randomly rather than read. */
interface NoiseRow extends Row {
  readonly stage: string
  readonly purpose: string
  readonly draw: NoiseSpec["draw"]
}

const fieldRows = (pipeline: Pipeline): readonly Row[] =>
  Object.entries(hostFields(pipeline)).map(([name, { dtype, dims, stored }]) => ({
    name,
    dtype: stored ? "bytes" : dtype,
    shape: shapeOf(
      dims.filter((dimension) => dimension !== "batch"),
      pipeline.sizes
    )
  }))

const noiseRows = (pipeline: Pipeline, batch: number): readonly NoiseRow[] =>
  tensorStagesOf(pipeline).flatMap((stage) =>
    Object.entries(stage.noise).map(([purpose, { dtype, dims, draw }]) => ({
      name: `noise/${stage.as}.${purpose}`,
      dtype,
      shape: shapeOf(dims, sizesOf(stage, { ...pipeline.sizes, batch })),
      stage: stage.as,
      purpose,
      draw
    }))
  )

/** Number of samples prepared concurrently, since disks and decoders have latency. */
const atOnce = 8

/** The sample for one place of a batch. */
interface Filled {
  readonly id: string
  readonly epoch: number
  readonly values: SampleValues
  readonly bad: readonly BadSample[]
}

/** Inputs that determine the batches of a run. */
export interface BatchInputs {
  readonly pipeline: Pipeline
  readonly stages: readonly ReadyStage[]
  readonly source: Source<Fields>
  readonly seed: number
  readonly budget?: BadSampleBudget
}

const fillSlot = Effect.fnUntraced(function* (
  { stages, source, budget = budgetDefaults }: BatchInputs,
  run: Key,
  near: Order["near"],
  at: Place,
  place: readonly [batch: number, slot: number]
) {
  const { epoch, element } = at
  const bad: BadSample[] = []
  let index = element
  while (bad.length < budget.inARow) {
    const input = yield* sampleInput(source, index)
    const tried = yield* Effect.result(runHost(stages, input, { run, epoch }))
    if (tried._tag === "Success") return { id: input.id, epoch, values: tried.success, bad } satisfies Filled
    bad.push({ id: tried.failure.id, reason: tried.failure.reason })
    const others = near(at)
    index = others.element(integers(derive(run, "replacement", ...place, bad.length), 1, 0, others.count)[0]!)
  }
  // The same bad samples are drawn repeatedly where there are few samples.
  const each = [...new Map(bad.map((one) => [one.id, one])).values()]
  return yield* new TooManyBadSamples({
    bad: each.length,
    limit: `of ${source.count}, after ${bad.length} tries in a row for batch ${place[0]}`,
    reasons: frequentReasons(each)
  })
})

/**
 * Returns the function that makes the batches of a run from its seed. Batch b takes places b·B to b·B + B − 1 of the keyed order
 * of samples, which continues across epochs: no batch is partial, and one may hold the end of an epoch and the start of the next
 * (`epoch` is its first sample's).
 *
 * Feeds: the tensor fields of the host stages by name, and `noise/STAGE.NAME` per sample by the key (seed, epoch, sample id,
 * stage, name). A sample that cannot be used is replaced by one drawn by the key (batch, place, attempt), near it where the
 * source has blocks; all others are unchanged. The bytes do not depend on the order in which batches are made, or on the thread.
 */
export const batchMaker = (inputs: BatchInputs): BatchMaker => {
  const { pipeline, source, seed } = inputs
  const run = key(seed)
  const place = order(run, source.count, source.blocks)
  const size = pipeline.training.batch
  const fields = fieldRows(pipeline)
  const noises = noiseRows(pipeline, size)
  const stacksOf = () => new Map([...fields, ...noises].map((row) => [row.name, zeros(row.dtype, size * sizeOf(row.shape))]))
  /** Copies a sample's values into the batch immediately, so that their memory is free for the next sample. */
  const put = (stacks: ReadonlyMap<string, Numbers>, slot: number, { id, epoch, values }: Filled): void => {
    for (const row of fields) putRow(stacks.get(row.name)!, slot, values[row.name], row)
    for (const row of noises) {
      const site = { epoch, sample: id, stage: row.stage, purpose: row.purpose }
      putRow(stacks.get(row.name)!, slot, row.draw(drawKey(run, site), row.shape), row)
    }
    for (const { name } of fields) releaseBuffer(values[name])
  }
  const fill = Effect.fnUntraced(function* (stacks: ReadonlyMap<string, Numbers>, at: Place, index: number, slot: number) {
    const filled = yield* fillSlot(inputs, run, place.near, at, [index, slot])
    yield* Effect.try({
      try: () => put(stacks, slot, filled),
      catch: (cause) =>
        cause instanceof WiringError ? cause : new WiringError({ pipeline: pipeline.name, problem: String(cause) })
    })
    const { id, epoch, bad } = filled
    return { id, epoch, bad }
  })
  return Effect.fnUntraced(function* (index) {
    // In order, so that the order's permutation is made once per epoch.
    const places = Array.from({ length: size }, (_, slot) => place(index * size + slot))
    const stacks = stacksOf()
    const filled = yield* Effect.forEach(places, (at, slot) => fill(stacks, at, index, slot), { concurrency: atOnce })
    const feeds: { readonly [name: string]: Numbers } = Object.fromEntries(stacks)
    return { index, epoch: filled[0]!.epoch, ids: filled.map(({ id }) => id), feeds, bad: filled.flatMap(({ bad }) => bad) }
  })
}
