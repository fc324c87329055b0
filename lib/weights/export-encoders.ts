import { Effect } from "effect"
import type { Program } from "../compiler/program.ts"
import type { Engine } from "../engine/engine.ts"
import { planEvaluation } from "../evaluate/encoders.ts"
import { EvaluateError } from "../evaluate/evaluate-error.ts"
import { type ModelBuffers, openModelSession } from "../evaluate/model-session.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { derive, key } from "../random/key.ts"
import type { Who } from "../train/fields-program.ts"
import type { Layout } from "../train/layout.ts"
import { onnxModel } from "./onnx-model.ts"
import { checkParity, randomFeeds } from "./onnx-parity.ts"
import { fedWithPixels } from "./pixel-values.ts"
import { WeightsError } from "./weights-error.ts"

/** An encoder as an ONNX model. */
export interface ExportedEncoder {
  /** Its path in the model's folder. */
  readonly file: string
  readonly model: Uint8Array
  /** The largest relative difference to the model it was made from, on a random input. */
  readonly difference: number
  /** Its inputs and outputs, for the model card. */
  readonly described: string
}

const describe = (file: string, { inputs, outputs, values }: Program): string => {
  const spell = ({ name, value }: { readonly name: string; readonly value: number }): string =>
    `\`${name}\` ${values[value]!.dtype}[${values[value]!.shape.join(", ")}]`
  const fed = inputs.filter((input) => "feed" in input.source)
  return `\`${file}\`: ${fed.map(spell).join(", ")} → ${outputs.map(spell).join(", ")}`
}

/**
 * The image and the text encoder as ONNX models with their weights inside, each checked against the engine on a random input.
 * Pictures go in as `pixel_values`. Fails with a `WeightsError`, `EvaluateError` or `EngineError`.
 */
export const exportEncoders = Effect.fn("weights.exportEncoders")(function* (
  pipeline: Pipeline,
  layout: Layout,
  buffers: ModelBuffers,
  who: Who,
  engine: Engine,
  batch = 1
) {
  const plan = yield* Effect.try({
    try: () => planEvaluation(pipeline, layout, batch, who),
    catch: (error) => (error instanceof EvaluateError ? error : new WeightsError({ file: "onnx", reason: String(error) }))
  })
  const teacher = buffers.teacher ?? buffers.student.slice(0, layout.teacherLength)
  const session = yield* openModelSession(engine, layout, buffers, { threads: 1 })
  const exported: ExportedEncoder[] = []
  for (const [name, { program }] of [["image", plan.images] as const, ["text", plan.texts] as const]) {
    const file = `onnx/${name}.onnx`
    const fed = fedWithPixels(program)
    const model = yield* Effect.try({
      try: () => onnxModel(fed, { student: buffers.student, teacher }),
      catch: (error) => new WeightsError({ file, reason: error instanceof Error ? error.message : String(error) })
    })
    const executable = yield* session.compile(`export.${name}`, fed)
    const feeds = randomFeeds(fed, pipeline.sizes["vocabulary"] ?? 1, derive(key(0), "parity"))
    const difference = yield* checkParity(file, model, fed, executable, feeds)
    exported.push({ file, model, difference, described: describe(file, fed) })
  }
  return exported as readonly ExportedEncoder[]
}, Effect.scoped)
