import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Program } from "../../../lib/compiler/program.ts"
import { sizeOf } from "../../../lib/compiler/program.ts"
import { reference } from "../../../lib/engine/reference/engine.ts"
import { initialState } from "../../../lib/model/initial.ts"
import { parameterLayout } from "../../../lib/model/layout.ts"
import { stateBuffers } from "../../../lib/model/state-buffers.ts"
import { type Pipeline, pairs, pipeline } from "../../../lib/pipeline/pipeline.ts"
import { type TrainSettings, trainSettings } from "../../../lib/pipeline/training-settings.ts"
import { momentum } from "../../../lib/pipeline/with-weights.ts"
import { restore } from "../../../lib/run-folder/checkpoint.ts"
import { openStep } from "../../../lib/train/open-step.ts"
import { stepScalars } from "../../../lib/train/scalars.ts"
import { trainingProgram } from "../../../lib/train/step.ts"
import { contrast } from "../../toy/batch-stages.ts"
import { judge } from "../../toy/judge.ts"
import { letters } from "../../toy/letters.ts"
import { weigh } from "../../toy/weigh.ts"

const model = weigh({ scales: { name: "scales", width: 5 } })
const toy = (more: Partial<TrainSettings>): Pipeline =>
  pipeline("toy", pairs("toy:10"))
    .pipe(letters({ count: 6 }))
    .pipe(momentum(model))
    .pipe(model)
    .pipe(judge())
    .pipe(contrast())
    .train({ ...trainSettings({ batch: 4, steps: 10, learningRate: 0.01, weightDecay: 0.5 }), ...more })

const feeds = (program: Program, made: Pipeline) => {
  const fed = program.inputs.filter(({ name, source }) => "feed" in source && !name.startsWith("scalar/"))
  const drawn = fed.map(({ name, value }) => {
    const { shape, dtype } = program.values[value]!
    const numbers = Array.from({ length: sizeOf(shape) }, (_, i) => ((i * 7919) % 13) / 13)
    return [name, dtype === "int32" ? Int32Array.from(numbers, (x) => Math.floor(13 * x)) : Float32Array.from(numbers)] as const
  })
  return { ...Object.fromEntries(drawn), ...stepScalars(made, 3, 10).feeds }
}

/** A step from the same state: each parameter's value, moments and teacher's value before and after, and the outputs' names. */
const stepped = (more: Partial<TrainSettings>) =>
  Effect.scoped(
    Effect.gen(function* () {
      const made = toy(more)
      const layout = parameterLayout(made)
      const program = trainingProgram(made, layout, 4, { gradients: true })
      const { session, compile } = yield* openStep({ pipeline: made, engine: reference, threads: 1 })
      const before = initialState(made, layout, 3)
      yield* restore(session, before)
      const step = yield* compile
      yield* step.run(feeds(trainingProgram(made, layout, 4), made))
      const after = new Map<string, Float32Array>()
      for (const buffer of Object.keys(stateBuffers(made, layout)))
        after.set(buffer, (yield* session.read(buffer)) as Float32Array)
      const of = (all: ReadonlyMap<string, unknown>, buffer: string, name: string) => {
        const { offset, size } = layout.slots.find((slot) => slot.name === name)!
        return [...(all.get(buffer) as Float32Array).subarray(offset, offset + size)]
      }
      return {
        outputs: program.outputs.map(({ name }) => name),
        before: (buffer: string, name: string) => of(before, buffer, name),
        after: (buffer: string, name: string) => of(after, buffer, name)
      }
    })
  )

const weight = "scales.weight"

describe("learning rates by pattern", () => {
  it.live("multiply a parameter's whole step, its decay included, and leave its gradient and moments as they are", () =>
    Effect.gen(function* () {
      const plain = yield* stepped({})
      const slow = yield* stepped({ learningRates: [{ match: "scales.*", scale: 0.25 }] })
      for (const moment of ["adam.m", "adam.v"]) assert.deepStrictEqual(slow.after(moment, weight), plain.after(moment, weight))
      const start = plain.before("student", weight)
      const [moved, quarter] = [plain, slow].map((run) => run.after("student", weight).map((x, i) => x - start[i]!))
      assert.isAbove(Math.max(...moved!.map(Math.abs)), 1e-3)
      for (const [i, x] of quarter!.entries()) assert.closeTo(x, moved![i]! / 4, 1e-6)
      assert.deepStrictEqual(slow.after("student", "contrast.scale"), plain.after("student", "contrast.scale"))
    })
  )

  it.live("freeze what they multiply by 0 to the bit, without gradient, the teacher's too, also in micro-batches", () =>
    Effect.gen(function* () {
      for (const microBatch of [0, 2])
        for (const [frozen, other] of [
          [weight, "contrast.scale"],
          ["contrast.scale", weight]
        ] as const) {
          const run = yield* stepped({ microBatch, learningRates: [{ match: frozen, scale: 0 }] })
          assert.notInclude(run.outputs, `gradient/${frozen}`)
          assert.include(run.outputs, `gradient/${other}`)
          for (const buffer of ["student", "adam.m", "adam.v"]) {
            assert.deepStrictEqual(run.after(buffer, frozen), run.before(buffer, frozen))
            assert.notDeepEqual(run.after(buffer, other), run.before(buffer, other))
          }
          if (frozen === weight) assert.deepStrictEqual(run.after("teacher", frozen), run.before("teacher", frozen))
        }
    })
  )
})
