import { Effect } from "effect"
import { type BufferSpec, type Program, sizeOf } from "../../compiler/program.ts"
import type { EngineError, EngineSession, Executable, NamedNumbers, Numbers } from "../../engine/engine.ts"
import { fieldsProgram } from "../../model/fields-program.ts"
import { type Layout, setOf } from "../../model/layout.ts"
import { loggedNames } from "../../model/logged-names.ts"
import { WiringError } from "../../pipeline/errors.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import { batchOf, batchSizes } from "../../pipeline/tensor-stages.ts"
import { checkLossWeights } from "../loss-weights.ts"
import { applyProgram, teacherProgram } from "./apply.ts"
import { type Comparing, splitStages } from "./batchwise.ts"
import { contrastProgram, gradientBuffer } from "./contrast.ts"
import { comparedFields, microBatchProgram, selectedInput } from "./micro-batch.ts"

/** Programs of a step in micro-batches, and the buffers that they need in addition to those of every run. */
export interface AccumulationPrograms {
  /** Names of losses and metrics `STAGE.NAME` in the step's outputs. */
  readonly names: ReadonlyMap<string, string>
  /** Undefined where there is no teacher to update. */
  readonly teacher: Program | undefined
  /** Programs that run before the micro-batches where a stage compares the samples of the batch. */
  readonly contrast: ContrastPrograms | undefined
  readonly microBatch: Program
  readonly apply: Program
  readonly buffers: { readonly [name: string]: BufferSpec }
}

interface ContrastPrograms extends Pick<Comparing, "whole" | "embeddings" | "selects"> {
  readonly embed: Program
  readonly contrast: Program
}

/**
 * Traces them. Throws a `WiringError` where the micro-batch does not divide the batch, a part cannot be cut into as many, or a stage needs the whole batch in a way that
 * cannot be split.
 */
export const accumulationPrograms = (pipeline: Pipeline, layout: Layout): AccumulationPrograms => {
  const { batch, microBatch: micro, lossWeights } = pipeline.training
  if (batch % micro !== 0)
    throw new WiringError({
      pipeline: pipeline.name,
      problem: `training.microBatch: ${micro} does not divide a batch of ${batch}`
    })
  const uncut = Object.entries(pipeline.parts ?? {}).find(([, part]) => part.batch % (batch / micro) !== 0)
  if (uncut)
    throw new WiringError({
      pipeline: pipeline.name,
      problem: `training.microBatch: ${micro} cuts a batch of ${batch} into ${batch / micro}, which does not divide ${uncut[0]}.batch, ${uncut[1].batch}`
    })
  const split = splitStages(pipeline)
  const { comparing } = split
  const local = microBatchProgram(pipeline, layout, micro, split)
  const whole = comparing && contrastProgram(pipeline, layout, batch, comparing)
  const losses = [...(whole?.losses ?? []), ...local.losses]
  checkLossWeights(pipeline.name, lossWeights, losses)
  const microBatch = local.program
  const states = new Map(
    microBatch.updates.flatMap((update) =>
      update.buffer.startsWith("next/") ? [[update.buffer, sizeOf(microBatch.values[update.value]!.shape)] as const] : []
    )
  )
  return {
    names: loggedNames(pipeline.name, [...losses, ...(whole?.metrics ?? []), ...local.metrics]),
    teacher: setOf(layout, "teacher") && teacherProgram(layout),
    contrast: comparing &&
      whole && {
        whole: comparing.whole,
        embeddings: comparing.embeddings,
        selects: comparing.selects,
        embed: fieldsProgram(pipeline, layout, micro, "student", Object.keys(comparing.embeddings)),
        contrast: whole.program
      },
    microBatch,
    apply: applyProgram(pipeline, layout, [...states.keys()]),
    buffers: {
      [gradientBuffer]: { dtype: "float32", length: layout.length },
      ...Object.fromEntries([...states].map(([name, length]) => [name, { dtype: "float32", length } as const]))
    }
  }
}

/** Selects rows of a batched feed by indices. */
const rowsAt = (numbers: Numbers, batch: number, indices: Int32Array): Numbers => {
  const width = numbers.length / batch
  const out = new (numbers.constructor as new (length: number) => Numbers)(indices.length * width)
  indices.forEach((row, i) => {
    out.set(numbers.subarray(row * width, (row + 1) * width), i * width)
  })
  return out
}

/** Returns a program's feeds: whole feeds where the lengths match, else part `i` of them. */
const feedsFor = (program: Program, feeds: NamedNumbers, i: number): NamedNumbers =>
  Object.fromEntries(
    program.inputs.flatMap((input) => {
      const numbers = feeds[input.name]
      if (!("feed" in input.source) || !numbers) return []
      const length = sizeOf(program.values[input.value]!.shape)
      return [[input.name, numbers.length === length ? numbers : numbers.subarray(i * length, (i + 1) * length)] as const]
    })
  )

const joined = (parts: readonly Numbers[]): Numbers => {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const out = new (parts[0]!.constructor as new (length: number) => Numbers)(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Returns the indices of the micro-batches of a batch. */
const partsOf = (batch: number, micro: number): readonly number[] => Array.from({ length: batch / micro }, (_, i) => i)

/** Returns the mean of each scalar output over micro-batches. */
const means = (parts: readonly NamedNumbers[]): NamedNumbers =>
  Object.fromEntries(
    Object.keys(parts[0]!).map((name) => [
      name,
      Float32Array.of(parts.reduce((sum, part) => sum + part[name]![0]!, 0) / parts.length)
    ])
  )

/**
 * Runs the part of a step before its micro-batches where a stage compares the samples of the batch; returns the further feeds of
 * the micro-batches.
 */
const contrasting = Effect.fnUntraced(function* (
  session: EngineSession,
  pipeline: Pipeline,
  { whole: stage, embeddings, selects, ...programs }: ContrastPrograms
) {
  const { batch, microBatch: micro } = pipeline.training
  const embed = yield* session.compile("embed", programs.embed)
  const contrast = yield* session.compile("contrast", programs.contrast)
  const run = Effect.fnUntraced(function* (feeds: NamedNumbers) {
    const embedded = yield* Effect.forEach(partsOf(batch, micro), (i) => embed.run(feedsFor(programs.embed, feeds, i)))
    const whole = Object.fromEntries(
      Object.keys(embeddings).map((name) => [name, joined(embedded.map((outputs) => outputs[name]!))])
    )
    const contrasted = yield* contrast.run(feedsFor(programs.contrast, { ...feeds, ...whole }, 0))
    const compared = batchSizes(pipeline, batch)[batchOf(stage)]!
    const selected = [...new Set(Object.values(selects).map(({ by }) => by))].flatMap((by) =>
      Object.keys(comparedFields(pipeline, stage)).map(
        (name) => [selectedInput(by, name), rowsAt(feeds[name]!, compared, contrasted[by] as Int32Array)] as const
      )
    )
    return { contrasted, fed: { ...contrasted, ...Object.fromEntries(selected) } as NamedNumbers }
  })
  return { run, compileSeconds: embed.compileSeconds + contrast.compileSeconds }
})

/**
 * Returns a training step in micro-batches that equals the step on the whole batch: gradients of micro-batches are accumulated by
 * their share, then one update is made. Where a stage compares the samples of the batch (GradCache, Gao et al. 2021), all
 * micro-batches are first embedded without gradient; its losses, and their gradients with respect to the embeddings, are those of
 * the whole batch; then each micro-batch is run again with gradient. Hard negatives are selected from the whole batch, and
 * encoded again in the micro-batch that uses them. Its feeds and outputs are those of the step on a whole batch.
 */
export const accumulatingStep = (
  session: EngineSession,
  pipeline: Pipeline,
  programs: AccumulationPrograms
): Effect.Effect<Executable, EngineError> =>
  Effect.gen(function* () {
    const { batch, microBatch: micro } = pipeline.training
    const { names } = programs
    const teacher = programs.teacher && (yield* session.compile("teacher", programs.teacher))
    const before = programs.contrast && (yield* contrasting(session, pipeline, programs.contrast))
    const backward = yield* session.compile("micro-batch", programs.microBatch)
    const apply = yield* session.compile("apply", programs.apply)
    const run = Effect.fnUntraced(function* (feeds: NamedNumbers) {
      if (teacher && programs.teacher) yield* teacher.run(feedsFor(programs.teacher, feeds, 0))
      const { contrasted = {}, fed = {} } = before ? yield* before.run(feeds) : {}
      const all = { ...feeds, ...fed }
      const made = yield* Effect.forEach(partsOf(batch, micro), (i) => backward.run(feedsFor(programs.microBatch, all, i)))
      const applied = yield* apply.run(feedsFor(programs.apply, feeds, 0))
      const own = means(made)
      const logged = [...names].map(([full, name]) => [name, (contrasted[full] ?? own[full])!] as const)
      const loss = (contrasted["loss"]?.[0] ?? 0) + own["loss"]![0]!
      return { ...Object.fromEntries(logged), ...applied, loss: Float32Array.of(loss) } as NamedNumbers
    })
    const compileSeconds = [...(teacher ? [teacher] : []), ...(before ? [before] : []), backward, apply].reduce(
      (sum, each) => sum + each.compileSeconds,
      0
    )
    return { run, compileSeconds }
  })
