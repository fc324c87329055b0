import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Program, sizeOf } from "../../../../lib/compiler/program.ts"
import type { Engine, NamedNumbers, Numbers } from "../../../../lib/engine/engine.ts"
import { onnx } from "../../../../lib/engine/onnx/engine.ts"
import { reference } from "../../../../lib/engine/reference/engine.ts"
import { initialState } from "../../../../lib/model/initial.ts"
import { parameterLayout } from "../../../../lib/model/layout.ts"
import { stateBuffers } from "../../../../lib/model/state-buffers.ts"
import { bind } from "../../../../lib/pipeline/bind.ts"
import type { WiringError } from "../../../../lib/pipeline/errors.ts"
import { type Pipeline, pairs, pipeline } from "../../../../lib/pipeline/pipeline.ts"
import { trainSettings } from "../../../../lib/pipeline/training-settings.ts"
import { momentum } from "../../../../lib/pipeline/with-weights.ts"
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
import { centre, contrast, needing } from "../../../toy/batch-stages.ts"
import { judge } from "../../../toy/judge.ts"
import { letters } from "../../../toy/letters.ts"
import { partedPipeline } from "../../../toy/parted.ts"
import { weigh } from "../../../toy/weigh.ts"

const batch = 8
const withTraining = (pipeline: Pipeline, settings: Partial<Pipeline["training"]>): Pipeline => ({
  ...pipeline,
  training: { ...pipeline.training, batch, ...settings }
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
const twoSteps = (engine: Engine, given: Pipeline, microBatch: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const pipeline = withTraining(given, { microBatch })
      const layout = parameterLayout(pipeline)
      const whole = trainingProgram(pipeline, layout, batch)
      const programs = microBatch === 0 ? undefined : accumulationPrograms(pipeline, layout)
      const session = yield* engine.open({ ...stateBuffers(pipeline, layout), ...programs?.buffers }, { threads: 1 })
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

/** That two steps in micro-batches of these sizes equal those of the whole batch: outputs, and all buffers afterwards. */
const equalsTheWhole = Effect.fnUntraced(function* (engine: Engine, pipeline: Pipeline, sizes: readonly number[]) {
  const whole = yield* twoSteps(engine, pipeline, 0)
  for (const micro of sizes) {
    const split = yield* twoSteps(engine, pipeline, micro)
    whole.outputs.forEach((outputs, step) => {
      assert.deepStrictEqual(Object.keys(split.outputs[step]!).sort(), Object.keys(outputs).sort())
      for (const [name, numbers] of Object.entries(outputs))
        assert.isBelow(worst(split.outputs[step]![name]!, numbers), 1e-4, `${name} at step ${step}, micro-batch ${micro}`)
    })
    for (const [name, numbers] of whole.state) {
      // AdamW's first steps are lr·g/|g|: a gradient at rounding's height moves a weight by up to lr either way.
      const tolerance = name === "student" ? 2e-2 : 1e-3
      assert.isBelow(worst(split.state.get(name)!, numbers), tolerance, `${name}, micro-batch ${micro}`)
    }
  }
  return whole
})

const model = weigh({ scales: { name: "scales", width: 5 } })
const start = () =>
  pipeline("toy", pairs("toy:10"))
    .pipe(letters({ count: 6 }))
    .pipe(momentum(model))
    .pipe(model)
const settings = trainSettings({ batch, steps: 10, learningRate: 0.01, lossWeights: { "judge.weight": 0.5 } })
const toys: { readonly [name: string]: Pipeline } = {
  "no stage compares samples": start().pipe(judge()).train(settings),
  "a centre is kept": start().pipe(judge()).pipe(centre()).train(settings),
  "two stages have a loss of one name": start().pipe(judge()).pipe(judge("second")).train(settings),
  "the only loss compares samples": start()
    .pipe(contrast())
    .train({ ...settings, lossWeights: { contrast: 2 } }),
  "one loss compares samples, of three stages": start().pipe(judge()).pipe(contrast()).pipe(centre()).train(settings)
}

const others = {
  reads: { letters: "others.letters" },
  adds: { weights: "others.weights" },
  dims: { batch: "others.batch" }
} as const
const parted = () =>
  pipeline("toy", pairs("toy:10"))
    .source("others", pairs("toy:7"), { batch: 16 }, (own) => own.pipe(letters({ count: 6 })))
    .pipe(letters({ count: 6 }))
    .pipe(momentum(model))
    .pipe(momentum(bind(model, { as: "weigh.others", ...others })))
    .pipe(model)
    .pipe(bind(model, { as: "weigh.others", ...others }))
    .pipe(judge())
    .pipe(bind(judge(), { as: "judgeOthers", reads: { weights: "others.weights" }, dims: others.dims }))
const partedToys: typeof toys = {
  "the batch has a part": parted()
    .pipe(bind(centre(), { reads: { weights: "others.weights" }, dims: others.dims }))
    .train(settings),
  "one loss compares samples, and a part goes beside": parted().pipe(contrast()).train(settings),
  "one loss compares the samples of a part": parted()
    .pipe(
      bind(contrast(), {
        reads: { weights: "others.weights", "teacher.weights": "teacher.others.weights" },
        dims: others.dims
      })
    )
    .train(settings)
}

const problem = (given: Pipeline, microBatch: number): string => {
  const split = withTraining(given, { microBatch })
  try {
    accumulationPrograms(split, parameterLayout(split))
  } catch (error) {
    return (error as WiringError).problem
  }
  return ""
}

describe("a step in micro-batches equals the step of the whole batch", () => {
  it.live("in SemMIM: losses, queues, centres, moments and weights", () =>
    Effect.gen(function* () {
      const { outputs } = yield* equalsTheWhole(onnx, tiny, [4, 2])
      assert.includeMembers(Object.keys(outputs[0]!), ["loss", "itc", "itm", "mlm", "mim", "agreement", "teacherEntropy"])
    })
  )

  it.live.each(Object.entries({ ...toys, ...partedToys }))("where %s", ([, toy]) => equalsTheWhole(reference, toy, [4, 2, 1]))
})

describe("a step in micro-batches", () => {
  it("refuses a micro-batch that does not divide the batch", () => {
    assert.strictEqual(problem(tiny, 3), "training.microBatch: 3 does not divide a batch of 8")
  })

  it("refuses a batch that is cut into more micro-batches than a part can be", () => {
    const small = partedPipeline({ others: 6 })
    assert.strictEqual(
      problem(small, 2),
      "training.microBatch: 2 cuts a batch of 8 into 4, which does not divide others.batch, 6"
    )
    assert.strictEqual(problem(small, 4), "")
  })

  it("names the stages that need the whole batch in another way", () => {
    const twice = start().pipe(contrast()).pipe(contrast("other")).train(settings)
    assert.strictEqual(
      problem(twice, 4),
      "training.microBatch: contrast and other both compare the samples of a batch; at most one stage can"
    )
    const saying = start()
      .pipe(needing({ needsWholeBatch: "its loss is a median" }))
      .train(settings)
    assert.strictEqual(problem(saying, 4), "training.microBatch: needing needs the whole batch at once: its loss is a median")
    const drawing = start()
      .pipe(needing({ noise: true }))
      .train(settings)
    assert.strictEqual(
      problem(drawing, 4),
      "training.microBatch: needing draws 'order' over the batch, so it needs the whole batch at once"
    )
    const counting = start()
      .pipe(judge())
      .pipe(needing({ counts: true }))
      .train(settings)
    assert.strictEqual(problem(counting, 4), "training.microBatch: this state is int32, of which parts of a batch have no mean")
    const queueing = start()
      .pipe(judge())
      .pipe(needing({ enqueues: true }))
      .train(settings)
    assert.strictEqual(
      problem(queueing, 4),
      "training.microBatch: this queue is filled by a stage that compares no samples, so a batch cannot be split"
    )
  })

  it("refuses an unknown loss weight as the whole batch does", () => {
    const wrong = start()
      .pipe(judge())
      .train({ ...settings, lossWeights: { mim: 1 } })
    assert.strictEqual(problem(wrong, 4), "training.lossWeights.mim: there is no such loss, only judge.weight")
  })
})
