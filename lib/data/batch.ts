import { Effect } from "effect"
import { sizeOf } from "../compiler/program.ts"
import type { NamedNumbers, Numbers } from "../engine/engine.ts"
import { WiringError } from "../pipeline/errors.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { partBatch } from "../pipeline/source-part.ts"
import type { NoiseSpec } from "../pipeline/stage.ts"
import { batchOf, batchSizes, hostFields, shapeOf, sizesOf, tensorStagesOf } from "../pipeline/tensor-stages.ts"
import { integers } from "../random/integers.ts"
import { derive, drawKey, type Key, key } from "../random/key.ts"
import { type Order, order, type Place } from "../random/order.ts"
import { isBatch } from "../tensor/field.ts"
import { type BadSample, type BadSampleBudget, budgetDefaults, frequentReasons, TooManyBadSamples } from "./bad-samples.ts"
import { releaseBuffer } from "./host/buffer-pool.ts"
import { runHost, type SampleValues, sampleInput } from "./host/host.ts"
import type { OpenedPart } from "./host/host-stages.ts"
import { putRow, type RowType, zeros } from "./stack.ts"

/** The samples of a part of a batch. */
export interface BatchPart {
  readonly epoch: number
  readonly ids: readonly string[]
}

/** A batch made ready for the engine: fields and noise by input name, and whose samples they are. */
export interface TrainingBatch {
  readonly epoch: number
  readonly ids: readonly string[]
  readonly feeds: NamedNumbers
  /** Samples drawn for it that could not be used. */
  readonly bad?: readonly BadSample[]
  /** The samples from other sources than the main one, by part. */
  readonly parts?: { readonly [part: string]: BatchPart }
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
  /** The field by the name that its host stages have for it. */
  readonly field: string
  readonly dtype: RowType
  readonly shape: readonly number[]
}

/** A feed that is drawn randomly rather than read. */
interface NoiseRow extends Row {
  readonly stage: string
  readonly purpose: string
  readonly draw: NoiseSpec["draw"]
}

/** Some of a batch's samples, which are of one source: the feeds that they fill, and what those are a function of. */
interface Stream extends OpenedPart {
  /** The part that they are; undefined for the main source. */
  readonly part: string | undefined
  readonly size: number
  readonly run: Key
  readonly place: Order
  readonly fields: readonly Row[]
  readonly noises: readonly NoiseRow[]
}

const streamOf = (pipeline: Pipeline, part: string | undefined, { source, stages }: OpenedPart, seed: number): Stream => {
  const size = part === undefined ? pipeline.training.batch : pipeline.parts![part]!.batch
  const batch = part === undefined ? "batch" : partBatch(part)
  const sizes = batchSizes(pipeline, pipeline.training.batch)
  const fields = Object.entries(hostFields(pipeline)).flatMap(([name, { dtype, dims, stored }]): readonly Row[] => {
    const [first] = dims
    if ((isBatch(first) ? first : "batch") !== batch) return []
    const shape = shapeOf(
      dims.filter((dimension) => dimension !== batch),
      pipeline.sizes
    )
    return [{ name, field: part === undefined ? name : name.slice(part.length + 1), dtype: stored ? "bytes" : dtype, shape }]
  })
  const noises = tensorStagesOf(pipeline)
    .filter((stage) => batchOf(stage) === batch)
    .flatMap((stage) =>
      Object.entries(stage.noise).map(([purpose, { dtype, dims, draw }]): NoiseRow => {
        const name = `noise/${stage.as}.${purpose}`
        return { name, field: name, dtype, shape: shapeOf(dims, sizesOf(stage, sizes)), stage: stage.as, purpose, draw }
      })
    )
  const run = part === undefined ? key(seed) : derive(key(seed), "part", part)
  return { source, stages, part, size, run, place: order(run, source.count, source.blocks), fields, noises }
}

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
export interface BatchInputs extends OpenedPart {
  readonly pipeline: Pipeline
  /** Sources of the pipeline's parts. */
  readonly parts?: { readonly [part: string]: OpenedPart }
  readonly seed: number
  readonly budget?: BadSampleBudget
}

const fillSlot = Effect.fnUntraced(function* (
  { stages, source, part, run, place: { near } }: Stream,
  budget: BadSampleBudget,
  at: Place,
  place: readonly [batch: number, slot: number]
) {
  const { epoch, element } = at
  const whose = part === undefined ? {} : { part }
  const bad: BadSample[] = []
  let index = element
  while (bad.length < budget.inARow) {
    const input = yield* sampleInput(source, index)
    const tried = yield* Effect.result(runHost(stages, input, { run, epoch }))
    if (tried._tag === "Success") return { id: input.id, epoch, values: tried.success, bad } satisfies Filled
    bad.push({ id: tried.failure.id, reason: tried.failure.reason, ...whose })
    const others = near(at)
    index = others.element(integers(derive(run, "replacement", ...place, bad.length), 1, 0, others.count)[0]!)
  }
  // The same bad samples are drawn repeatedly where there are few samples.
  const each = [...new Map(bad.map((one) => [one.id, one])).values()]
  const of = part === undefined ? "" : ` of the part '${part}'`
  return yield* new TooManyBadSamples({
    bad: each.length,
    limit: `of ${source.count}${of}, after ${bad.length} tries in a row for batch ${place[0]}`,
    reasons: frequentReasons(each)
  })
})

/** Stacks of a stream's feeds, to be filled sample by sample. */
const stacksOf = ({ size, fields, noises }: Stream): ReadonlyMap<string, Numbers> =>
  new Map([...fields, ...noises].map((row) => [row.name, zeros(row.dtype, size * sizeOf(row.shape))]))

/** Puts a sample into its rows, at once, so that its own memory is free for the next one. */
const put = ({ run, fields, noises }: Stream, stacks: ReadonlyMap<string, Numbers>, slot: number, filled: Filled): void => {
  const { id, epoch, values } = filled
  for (const row of fields) putRow(stacks.get(row.name)!, slot, values[row.field], row)
  for (const row of noises) {
    const site = { epoch, sample: id, stage: row.stage, purpose: row.purpose }
    putRow(stacks.get(row.name)!, slot, row.draw(drawKey(run, site), row.shape), row)
  }
  for (const { field } of fields) releaseBuffer(values[field])
}

/**
 * Returns the function that makes the batches of a run from its seed. Batch b takes places b·B to b·B + B − 1 of the keyed order
 * of samples, which continues across epochs: no batch is partial, and one may hold the end of an epoch and the start of the next
 * (`epoch` is its first sample's).
 *
 * Feeds: the tensor fields of the host stages by name, and `noise/STAGE.NAME` per sample by the key (seed, epoch, sample id,
 * stage, name). A sample that cannot be used is replaced by one that the key of (batch, place, attempt) draws, of those near it
 * where the source has blocks; all others stay as they are. The same bytes whatever the order in which batches are made, and wherever.
 * A part of the batch is made in the same way from its own source, its own batch size and a key derived from its name: its epochs are
 * its own.
 */
export const batchMaker = (inputs: BatchInputs): BatchMaker => {
  const { pipeline, seed, parts = {}, budget = budgetDefaults } = inputs
  const main = streamOf(pipeline, undefined, inputs, seed)
  const others = Object.entries(parts).map(([name, part]) => [name, streamOf(pipeline, name, part, seed)] as const)
  const fill = Effect.fnUntraced(function* (stream: Stream, index: number) {
    const { size, place } = stream
    // In order, so that the order's permutation is made once per epoch.
    const places = Array.from({ length: size }, (_, slot) => place(index * size + slot))
    const stacks = stacksOf(stream)
    const fillOne = Effect.fnUntraced(function* (at: Place, slot: number) {
      const filled = yield* fillSlot(stream, budget, at, [index, slot])
      yield* Effect.try({
        try: () => put(stream, stacks, slot, filled),
        catch: (cause) =>
          cause instanceof WiringError ? cause : new WiringError({ pipeline: pipeline.name, problem: String(cause) })
      })
      const { id, epoch, bad } = filled
      return { id, epoch, bad }
    })
    const filled = yield* Effect.forEach(places, fillOne, { concurrency: atOnce })
    const feeds: NamedNumbers = Object.fromEntries(stacks)
    return { epoch: filled[0]!.epoch, ids: filled.map(({ id }) => id), feeds, bad: filled.flatMap(({ bad }) => bad) }
  })
  return Effect.fnUntraced(function* (index) {
    const batch = { index, ...(yield* fill(main, index)) }
    if (others.length === 0) return batch
    const made = yield* Effect.forEach(others, ([name, stream]) =>
      Effect.map(fill(stream, index), (part) => [name, part] as const)
    )
    return {
      ...batch,
      feeds: Object.assign({}, batch.feeds, ...made.map(([, { feeds }]) => feeds)),
      bad: [...batch.bad, ...made.flatMap(([, { bad }]) => bad)],
      parts: Object.fromEntries(made.map(([name, { epoch, ids }]) => [name, { epoch, ids }]))
    }
  })
}
