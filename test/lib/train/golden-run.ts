import { Effect } from "effect"
import { sizeOf } from "../../../lib/compiler/program.ts"
import type { Engine, NamedNumbers, Numbers } from "../../../lib/engine/engine.ts"
import type { BufferContents } from "../../../lib/model/initial.ts"
import { parameterLayout, setOf } from "../../../lib/model/layout.ts"
import { stateBuffers } from "../../../lib/model/state-buffers.ts"
import type { Pipeline } from "../../../lib/pipeline/pipeline.ts"
import { trainSettings } from "../../../lib/pipeline/training-settings.ts"
import { restore } from "../../../lib/run-folder/checkpoint.ts"
import { adamwScalars } from "../../../lib/train/adamw.ts"
import { trainingProgram } from "../../../lib/train/step.ts"
import { golden, goldenSizes, goldenStages } from "../../stages/golden.ts"
import { hostFields } from "../../stages/semmim-stages.ts"

/** test/golden/step.safetensors: three steps of PyTorch in float64. */
export const goldenFile = golden("step.safetensors")

export const goldenBatch = 4
const learningRate = 1e-3

/** The golden steps as a pipeline: its tensor stages, from fields that a file gives. */
export const goldenPipeline: Pipeline = {
  name: "golden",
  source: { train: "golden", heldOut: null },
  stages: goldenStages,
  fields: Object.assign({}, hostFields, ...goldenStages.map((stage) => stage.adds)),
  sizes: goldenSizes,
  tasks: [],
  training: trainSettings({ batch: goldenBatch, steps: 3, learningRate, weightDecay: 0.02, clip: 3, momentum: 0.995 })
}
export const goldenLayout = parameterLayout(goldenPipeline)

/** How the file calls the buffers that stages keep. */
export const goldenBuffers = {
  "align.centre": "centre",
  "align.queueGroup": "queueGroup",
  "align.queueImage": "queueImage",
  "align.queueText": "queueText",
  "reconstruct.centrePatch": "centrePatch"
} as const

export const goldenContents = (): BufferContents => {
  const student = new Float32Array(goldenLayout.length)
  const teacher = new Float32Array(setOf(goldenLayout, "teacher")!.length)
  for (const slot of goldenLayout.slots) {
    student.set(goldenFile.values(`student.${slot.name}`), slot.offset)
    if (slot.hasTeacher) teacher.set(goldenFile.values(`teacher.${slot.name}`), slot.offset)
  }
  const queues = ["align.queueGroup", "align.queueImage", "align.queueText"]
  return new Map<string, Float32Array | Int32Array>([
    ["student", student],
    ["teacher", teacher],
    ["adam.m", new Float32Array(goldenLayout.length)],
    ["adam.v", new Float32Array(goldenLayout.length)],
    ...Object.entries(goldenBuffers).map(
      ([ours, theirs]) => [ours, goldenFile.values(`state.${theirs}`) as Float32Array | Int32Array] as const
    ),
    ...queues.map((queue) => [`${queue}.pointer`, Int32Array.of(Number(goldenFile.metadata.get("queuePointer")))] as const)
  ])
}

/** How the file calls what a step is fed. */
const theirs: Readonly<Record<string, string>> = {
  group: "group",
  tokens: "tokens",
  tokenMask: "tokenMask",
  patches: "patches",
  secondPatches: "patches2",
  "noise/mask.maskGumbel": "maskGumbel",
  "noise/mask.tokenNoise": "tokenNoise",
  "noise/mask.tokenAction": "tokenAction",
  "noise/mask.tokenRandom": "tokenRandom",
  "noise/align.negativeImage": "negativeImageGumbel",
  "noise/align.negativeText": "negativeTextGumbel"
}
const stageScalars: Readonly<Record<string, number>> = { alpha: 0.4, teacherTemperature: 0.04, lrScale: 1 }
/** When every schedule has reached its end. */
const late = { step: 1e6, steps: 2e6, warmup: 0, stepsPerEpoch: 1 }

/** What step `n` (from 1) is fed. */
export const goldenFeeds = (n: number): NamedNumbers => {
  const given = Object.entries(theirs).map(([ours, name]): [string, Numbers] => {
    const values = goldenFile.values(`step${n}.input.${name}`) as Numbers
    return [ours, ours === "tokenMask" ? Uint8Array.from(values) : values]
  })
  const scalars = { ...adamwScalars(n, learningRate, goldenPipeline.training), momentum: goldenPipeline.training.momentum }
  const own = goldenStages.flatMap((stage) =>
    Object.entries(stage.scalars).map(([name, at]) => [`${stage.as}.${name}`, stageScalars[name] ?? at(late)] as const)
  )
  const numbers = [...Object.entries(scalars), ...own].map(([name, value]): [string, Numbers] => [
    `scalar/${name}`,
    Float32Array.of(value)
  ])
  return Object.fromEntries([...given, ...numbers])
}

/** What the golden steps gave on an engine: each step's outputs, and the state after the first step and after the last. */
export interface GoldenRun {
  readonly outputs: readonly NamedNumbers[]
  readonly after: ReadonlyMap<string, Float32Array | Int32Array>
  readonly end: ReadonlyMap<string, Float32Array | Int32Array>
}

/** Runs the whole training program on some of the golden steps. */
export const goldenRun = (engine: Engine, steps: number, recompute = false): Effect.Effect<GoldenRun, unknown> =>
  Effect.scoped(
    Effect.gen(function* () {
      const buffers = stateBuffers(goldenPipeline, goldenLayout)
      const session = yield* engine.open(buffers, { threads: 1, recompute })
      yield* restore(session, goldenContents())
      const step = yield* session.compile("step", trainingProgram(goldenPipeline, goldenLayout, goldenBatch, { gradients: true }))
      const state = Effect.fnUntraced(function* () {
        const names = Object.keys(buffers)
        const numbers = yield* Effect.forEach(names, (name) => session.read(name))
        return new Map(names.map((name, i) => [name, numbers[i]!]))
      })
      const outputs: NamedNumbers[] = []
      let after: GoldenRun["after"] = new Map()
      for (let n = 1; n <= steps; n++) {
        outputs.push(yield* step.run(goldenFeeds(n)))
        if (n === 1) after = yield* state()
      }
      return { outputs, after, end: yield* state() }
    })
  )

/** A parameter's part of a flat buffer. */
export const partOf = (numbers: Float32Array | Int32Array, name: string): Float32Array | Int32Array => {
  const slot = goldenLayout.slots.find((each) => each.name === name)
  if (!slot) throw new Error(`there is no parameter '${name}'`)
  return numbers.subarray(slot.offset, slot.offset + sizeOf(slot.shape))
}
