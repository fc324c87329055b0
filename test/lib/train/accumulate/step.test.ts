import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Program, sizeOf } from "../../../../lib/compiler/program.ts"
import type { NamedNumbers, Numbers } from "../../../../lib/engine/engine.ts"
import { onnx } from "../../../../lib/engine/onnx/engine.ts"
import { initialState } from "../../../../lib/model/initial.ts"
import { parameterLayout } from "../../../../lib/model/layout.ts"
import { stateBuffers } from "../../../../lib/model/state-buffers.ts"
import type { Pipeline } from "../../../../lib/pipeline/pipeline.ts"
import { gumbel } from "../../../../lib/random/gumbel.ts"
import { integers } from "../../../../lib/random/integers.ts"
import { derive, key } from "../../../../lib/random/key.ts"
import { normal } from "../../../../lib/random/normal.ts"
import { uniform } from "../../../../lib/random/uniform.ts"
import { restore } from "../../../../lib/run-folder/checkpoint.ts"
import { accumulatingStep, accumulationPrograms } from "../../../../lib/train/accumulate/step.ts"
import { stepScalars } from "../../../../lib/train/scalars.ts"
import { trainingProgram } from "../../../../lib/train/step.ts"
import { tiny } from "../../../../pipelines/tiny.ts"

const batch = 8
const withTraining = (settings: Partial<Pipeline["training"]>): Pipeline => ({
  ...tiny,
  training: { ...tiny.training, batch, ...settings }
})

const random = (name: string, shape: readonly number[], dtype: string, step: number): Numbers => {
  const from = derive(key(7), name, step)
  const n = sizeOf(shape)
  if (name === "tokenMask") return Uint8Array.from({ length: n }, (_, i) => (i % shape[1]! < 7 ? 1 : 0))
  if (name === "group") return Int32Array.from({ length: n }, (_, i) => (i === 3 ? 0 : i))
  if (dtype === "int32") return integers(from, n, 5, 500)
  if (/Gumbel|negative/.test(name)) return gumbel(from, n)
  return name.startsWith("noise/") ? uniform(from, n) : normal(from, n)
}

const feedsOf = (program: Program, pipeline: Pipeline, step: number): NamedNumbers => {
  const fed = program.inputs.filter((input) => "feed" in input.source && !input.name.startsWith("scalar/"))
  const drawn = fed.map(({ name, value }) => {
    const { shape, dtype } = program.values[value]!
    return [name, random(name, shape, dtype, step)] as const
  })
  return { ...Object.fromEntries(drawn), ...stepScalars(pipeline, step + 30, 64).feeds }
}

/** Two steps, whole or in micro-batches: what they put out and the state after them. */
const twoSteps = (microBatch: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const pipeline = withTraining({ microBatch })
      const layout = parameterLayout(pipeline)
      const whole = trainingProgram(pipeline, layout, batch)
      const programs = microBatch === 0 ? undefined : accumulationPrograms(pipeline, layout)
      const session = yield* onnx.open({ ...stateBuffers(pipeline, layout), ...programs?.buffers }, { threads: 1 })
      yield* restore(session, initialState(pipeline, layout, 3))
      const step = programs ? yield* accumulatingStep(session, pipeline, programs) : yield* session.compile("step", whole)
      const outputs = [yield* step.run(feedsOf(whole, pipeline, 0)), yield* step.run(feedsOf(whole, pipeline, 1))]
      const buffers = Object.keys(stateBuffers(pipeline, layout))
      const state = new Map<string, Float32Array | Int32Array>()
      for (const name of buffers) state.set(name, yield* session.read(name))
      return { outputs, state }
    })
  )

const worst = (a: Numbers, b: Numbers): number => {
  let difference = 0
  let size = 0
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i]! - b[i]!))
    size = Math.max(size, Math.abs(b[i]!))
  }
  return difference / Math.max(size, 1e-12)
}

describe("a step in micro-batches", () => {
  it.live(
    "equals the step of the whole batch: losses, queues, centres, moments and weights",
    Effect.fnUntraced(function* () {
      const whole = yield* twoSteps(0)
      for (const micro of [4, 2]) {
        const split = yield* twoSteps(micro)
        whole.outputs.forEach((outputs, step) => {
          for (const name of ["loss", "itc", "itm", "mlm", "mim", "agreement", "gradientNorm", "teacherEntropy"])
            assert.isBelow(
              worst(split.outputs[step]![name]!, outputs[name]!),
              1e-4,
              `${name} at step ${step}, micro-batch ${micro}`
            )
        })
        for (const [name, numbers] of whole.state) {
          // AdamW's first steps are lr·g/|g|: a gradient at rounding's height moves a weight by up to lr either way.
          const tolerance = name === "student" ? 2e-2 : 1e-3
          assert.isBelow(worst(split.state.get(name)!, numbers), tolerance, `${name}, micro-batch ${micro}`)
        }
      }
    })
  )

  it("refuses a micro-batch that does not divide the batch", () => {
    const pipeline = withTraining({ microBatch: 3 })
    assert.throws(
      () => accumulationPrograms(pipeline, parameterLayout(pipeline)),
      "training.microBatch: 3 does not divide a batch of 8"
    )
  })
})
