import { Effect } from "effect"
import { BatchBound } from "../compiler/errors.ts"
import { flops } from "../compiler/flops.ts"
import { elementTypes } from "../compiler/onnx/graph.ts"
import type { ValueInfo } from "../compiler/onnx/messages.ts"
import type { Program } from "../compiler/program.ts"
import type { Engine } from "../engine/engine.ts"
import { WeightsError } from "../error/weights-error.ts"
import type { Layout } from "../model/layout.ts"
import { type ModelWeights, openModelSession, setContents } from "../model/model-session.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { TrainedSet } from "../pipeline/weight-set.ts"
import { derive, key } from "../random/key.ts"
import { planEncoders } from "../task/encoders.ts"
import { EvaluateError } from "../task/evaluate-error.ts"
import { fixedOnnxModel, type OnnxModel, onnxModel } from "./onnx-model.ts"
import { checkParity, randomFeeds } from "./onnx-parity.ts"
import { fedWithPixels } from "./pixel-values.ts"

/** An encoder as an ONNX model. */
export interface ExportedEncoder {
  /** Path in the model's folder. */
  readonly file: string
  readonly model: Uint8Array
  /** Largest relative difference from the original model, on random inputs of several batch sizes. */
  readonly difference: number
  readonly batches: readonly number[]
  /** Inputs and outputs, for the model card. */
  readonly described: string
}

const dtypes = new Map<number, string>(Object.entries(elementTypes).map(([name, number]) => [number, name]))

const spell = ({ name, type }: ValueInfo): string => {
  if (!("tensorType" in type)) return `\`${name}\``
  const { elemType, shape } = type.tensorType
  return `\`${name}\` ${dtypes.get(elemType)}[${shape.dim.map(({ dimParam, dimValue }) => dimParam ?? dimValue).join(", ")}]`
}
const describe = (file: string, { input, output }: OnnxModel): string =>
  `\`${file}\`: ${input.map(spell).join(", ")} → ${output.map(spell).join(", ")}`

/** Batch sizes that exported models are checked at: one, even and odd, and one with large intermediate tensors. */
const triedBatches = [1, 2, 5, 6, 64] as const

/** Maximum number of floating-point operations of a check: some seconds on two cores. */
const affordable = 4e11

/**
 * Exports the image and the text encoder as ONNX models with their weights inside, for batches of any size, each checked against
 * the engine's results on random inputs of several batch sizes. Images are passed as `pixel_values`. An encoder whose program
 * depends on the batch otherwise than by its size is exported for single samples, with a warning. Fails with a `WeightsError`,
 * `EvaluateError` or `EngineError`.
 */
export const exportEncoders = Effect.fn("weights.exportEncoders")(function* (
  pipeline: Pipeline,
  layout: Layout,
  weights: ModelWeights,
  who: TrainedSet,
  engine: Engine
) {
  const single = yield* Effect.try({
    try: () => planEncoders(pipeline, layout, 1, who),
    catch: (error) => (error instanceof EvaluateError ? error : new WeightsError({ file: "onnx", reason: String(error) }))
  })
  const session = yield* openModelSession(engine, layout, weights, { threads: 1 })
  const numbers = Object.fromEntries(setContents(layout, weights))
  const exported: ExportedEncoder[] = []
  for (const [name, side] of [["image", "images"] as const, ["text", "texts"] as const]) {
    const file = `onnx/${name}.onnx`
    const at = (batch: number): Program => fedWithPixels(planEncoders(pipeline, layout, batch, who)[side].program)
    const refuse = (error: unknown) => new WeightsError({ file, reason: error instanceof Error ? error.message : String(error) })
    const forOne = Effect.fnUntraced(function* ({ message }: BatchBound) {
      yield* Effect.logWarning(`${file}: ${message}, so it takes one sample at a time`)
      return { ...(yield* Effect.try({ try: () => fixedOnnxModel(at(1), numbers), catch: refuse })), any: false }
    })
    const encoder = yield* Effect.try({
      try: () => ({ ...onnxModel(at, numbers), any: true }),
      catch: (error) => (error instanceof BatchBound ? error : refuse(error))
    }).pipe(Effect.catchTag("BatchBound", forOne))
    const work = flops(single[side].program).total
    const batches = triedBatches.filter((batch) => batch === 1 || (encoder.any && batch * work <= affordable))
    const cases = yield* Effect.forEach(batches, (batch) =>
      Effect.gen(function* () {
        const program = at(batch)
        const executable = yield* session.compile(`export.${name}.${batch}`, program)
        const feeds = randomFeeds(program, pipeline.sizes["vocabulary"] ?? 1, derive(key(0), "parity", batch))
        return { program, executable, feeds }
      })
    )
    const difference = yield* checkParity(file, encoder.model, cases)
    exported.push({ file, model: encoder.model, difference, batches, described: describe(file, encoder) })
  }
  return exported as readonly ExportedEncoder[]
}, Effect.scoped)
