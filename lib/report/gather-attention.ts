import { Effect } from "effect"
import type { NamedNumbers } from "../engine/engine.ts"
import { oneLine } from "../error/one-line.ts"
import { padRows, stack } from "../model/batches.ts"
import { chainPipeline, fieldsProgram, stagesFor } from "../model/fields-program.ts"
import { planEncoders } from "../task/encoders.ts"
import { EvaluateError } from "../task/evaluate-error.ts"
import type { AttentionExample } from "./data.ts"
import { gridOf, traced } from "./report-program.ts"
import type { Shown, Subject } from "./subject.ts"
import { wordPlaces } from "./words.ts"

const field = "attentionMaps"

/** Encodes one sample as both sides of a pair, from which scoring starts. */
const encodedPair = Effect.fnUntraced(function* ({ session, pipeline, layout }: Subject, samples: readonly Shown[]) {
  const batch = samples.length
  const plan = yield* Effect.try({
    try: () => planEncoders(pipeline, layout, batch, "student"),
    catch: (error) => new EvaluateError({ task: "attention", reason: oneLine(error) })
  })
  let rows: NamedNumbers = {}
  for (const [name, side] of [["image", plan.images] as const, ["text", plan.texts] as const]) {
    const executable = yield* session.compile(`report.${name}`, side.program)
    const values = samples.map((sample) => sample.values)
    const outputs = yield* executable.run(stack(values, side.feeds))
    rows = {
      ...rows,
      ...Object.fromEntries(side.states.map((state) => [state, outputs[state]!])),
      ...stack(values, side.hostStates)
    }
  }
  return rows
})

/**
 * Computes the attention of each word of some samples' captions: rows of `attentionMaps` [batch, tokens, patches], a field of the
 * stages by which a task scores pairs; none where no task has such a field. Fails with an `EvaluateError` or an `EngineError`.
 */
export const attentionExamples = Effect.fn("report.attentionExamples")(function* (subject: Subject, samples: readonly Shown[]) {
  const { session, pipeline, layout, host } = subject
  const grid = gridOf(pipeline.sizes["patches"] ?? 0)
  const scoring = pipeline.tasks
    .map(({ chain }) => chainPipeline(pipeline, chain))
    .find(({ fields }) => Object.hasOwn(fields, field))
  if (!grid || samples.length === 0 || !scoring) return []
  const program = yield* traced("attention", () => fieldsProgram(scoring, layout, samples.length, "student", [field]))
  const executable = yield* session.compile("report.attention", program)
  const outputs = yield* executable.run(padRows(yield* encodedPair(subject, samples), samples.length, samples.length))
  const maps = outputs[field] as Float32Array
  const needed = new Set(
    stagesFor(
      host.map(({ stage }) => stage),
      ["tokens", "tokenMask"]
    )
  )
  const readers = host.filter(({ stage }) => needed.has(stage))
  const patches = grid.rows * grid.columns
  const tokens = maps.length / samples.length / patches
  const examples: AttentionExample[] = []
  for (const [i, { id, caption, image }] of samples.entries()) {
    const words = (yield* wordPlaces(caption, readers)).map(({ word, start, end }) => {
      const weights = new Float32Array(patches)
      for (let token = start; token < end; token++)
        for (let patch = 0; patch < patches; patch++)
          weights[patch]! += maps[(i * tokens + token) * patches + patch]! / (end - start)
      return { word, weights }
    })
    examples.push({ id, caption, image, grid, words })
  }
  return examples
})
