import { Effect } from "effect"
import { type BufferSpec, type Program, sizeOf } from "../../compiler/program.ts"
import type { EngineError, EngineSession, Executable, NamedNumbers, Numbers } from "../../engine/engine.ts"
import { fieldsProgram } from "../../model/fields-program.ts"
import { type Layout, setOf } from "../../model/layout.ts"
import { WiringError } from "../../pipeline/errors.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import { hostFields } from "../../pipeline/tensor-stages.ts"
import { applyProgram, teacherProgram } from "./apply.ts"
import { type Split, splitStages } from "./batchwise.ts"
import { contrastProgram, gradientBuffer } from "./contrast.ts"
import { microBatchProgram, selectedInput } from "./micro-batch.ts"

/** The programs of a step in micro-batches, and the buffers that they need beside those of every run. */
export interface AccumulationPrograms {
  readonly split: Split
  /** Undefined where there is no teacher to move. */
  readonly teacher: Program | undefined
  readonly embed: Program
  readonly contrast: Program
  readonly microBatch: Program
  readonly apply: Program
  readonly buffers: { readonly [name: string]: BufferSpec }
}

/** Traces them. Throws a `WiringError` where the micro-batch does not divide the batch or no stage compares pairs. */
export const accumulationPrograms = (pipeline: Pipeline, layout: Layout): AccumulationPrograms => {
  const { batch, microBatch: micro } = pipeline.training
  if (batch % micro !== 0)
    throw new WiringError({
      pipeline: pipeline.name,
      problem: `training.microBatch: ${micro} does not divide a batch of ${batch}`
    })
  const split = splitStages(pipeline)
  const microBatch = microBatchProgram(pipeline, layout, micro, split)
  const states = new Map(
    microBatch.updates.flatMap((update) =>
      update.buffer.startsWith("next/") ? [[update.buffer, sizeOf(microBatch.values[update.value]!.shape)] as const] : []
    )
  )
  return {
    split,
    teacher: setOf(layout, "teacher") && teacherProgram(layout),
    embed: fieldsProgram(pipeline, layout, micro, "student", Object.keys(split.embeddings)),
    contrast: contrastProgram(pipeline, layout, batch, split),
    microBatch,
    apply: applyProgram(pipeline, layout, [...states.keys()]),
    buffers: {
      [gradientBuffer]: { dtype: "float32", length: layout.length },
      ...Object.fromEntries([...states].map(([name, length]) => [name, { dtype: "float32", length } as const]))
    }
  }
}

/** Rows of a batched feed, chosen by indices. */
const rowsAt = (numbers: Numbers, batch: number, indices: Int32Array): Numbers => {
  const width = numbers.length / batch
  const out = new (numbers.constructor as new (length: number) => Numbers)(indices.length * width)
  indices.forEach((row, i) => {
    out.set(numbers.subarray(row * width, (row + 1) * width), i * width)
  })
  return out
}

/** What a program is fed: whole feeds where they have its length, else part `i` of them. */
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

/** The mean of each scalar output over micro-batches. */
const means = (parts: readonly NamedNumbers[]): NamedNumbers =>
  Object.fromEntries(
    Object.keys(parts[0]!).map((name) => [
      name,
      Float32Array.of(parts.reduce((sum, part) => sum + part[name]![0]!, 0) / parts.length)
    ])
  )

/**
 * A training step in micro-batches that equals the step of the whole batch (GradCache, Gao et al. 2021): embed all micro-batches
 * without gradient; the losses that compare pairs, and their gradient by the embeddings, on the whole batch; then each micro-batch
 * again, with gradient; one update. Hard negatives are chosen among the whole batch, and encoded again in the micro-batch that uses
 * them. It runs like the step of a whole batch: the same feeds, the same outputs.
 */
export const accumulatingStep = (
  session: EngineSession,
  pipeline: Pipeline,
  programs: AccumulationPrograms
): Effect.Effect<Executable, EngineError> =>
  Effect.gen(function* () {
    const { batch, microBatch: micro } = pipeline.training
    const { split } = programs
    const teacher = programs.teacher && (yield* session.compile("teacher", programs.teacher))
    const embed = yield* session.compile("embed", programs.embed)
    const contrast = yield* session.compile("contrast", programs.contrast)
    const backward = yield* session.compile("micro-batch", programs.microBatch)
    const apply = yield* session.compile("apply", programs.apply)
    const parts = Array.from({ length: batch / micro }, (_, i) => i)
    const run = Effect.fnUntraced(function* (feeds: NamedNumbers) {
      if (teacher && programs.teacher) yield* teacher.run(feedsFor(programs.teacher, feeds, 0))
      const embedded = yield* Effect.forEach(parts, (i) => embed.run(feedsFor(programs.embed, feeds, i)))
      const embeddings = Object.fromEntries(
        Object.keys(split.embeddings).map((name) => [name, joined(embedded.map((outputs) => outputs[name]!))])
      )
      const contrasted = yield* contrast.run(feedsFor(programs.contrast, { ...feeds, ...embeddings }, 0))
      const selected = [...new Set(Object.values(split.selects).map(({ by }) => by))].flatMap((by) =>
        Object.keys(hostFields(pipeline)).map(
          (name) => [selectedInput(by, name), rowsAt(feeds[name]!, batch, contrasted[by] as Int32Array)] as const
        )
      )
      const all = { ...feeds, ...contrasted, ...Object.fromEntries(selected) }
      const made = yield* Effect.forEach(parts, (i) => backward.run(feedsFor(programs.microBatch, all, i)))
      const applied = yield* apply.run(feedsFor(programs.apply, feeds, 0))
      const scalars = Object.fromEntries(Object.entries(contrasted).filter(([, numbers]) => numbers.length === 1))
      const own = means(made)
      return { ...scalars, ...own, ...applied, loss: Float32Array.of(scalars["loss"]![0]! + own["loss"]![0]!) } as NamedNumbers
    })
    const compileSeconds = [...(teacher ? [teacher] : []), embed, contrast, backward, apply].reduce(
      (sum, each) => sum + each.compileSeconds,
      0
    )
    return { run, compileSeconds }
  })
