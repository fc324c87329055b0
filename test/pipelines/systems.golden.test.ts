import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { NamedNumbers, Numbers } from "../../lib/engine/engine.ts"
import { onnx } from "../../lib/engine/onnx/engine.ts"
import { type BufferContents, initialState } from "../../lib/model/initial.ts"
import { parameterLayout } from "../../lib/model/layout.ts"
import { stateBuffers } from "../../lib/model/state-buffers.ts"
import { overridden } from "../../lib/pipeline/override.ts"
import type { Pipeline } from "../../lib/pipeline/pipeline.ts"
import { tensorStagesOf } from "../../lib/pipeline/tensor-stages.ts"
import { restore } from "../../lib/run-folder/checkpoint.ts"
import { adamwScalars } from "../../lib/train/adamw.ts"
import { trainingProgram } from "../../lib/train/step.ts"
import { albefOf } from "../../pipelines/albef.ts"
import type { Choices } from "../../pipelines/semmim.ts"
import { dataTables } from "../../pipelines/stages.ts"
import { vlmaeOf } from "../../pipelines/vlmae.ts"
import { sizes } from "../../stages/encode/sizes.ts"
import { distance, golden } from "../stages/golden.ts"

const batch = 4
const learningRate = 1e-3
const choices: Choices = {
  source: { train: "golden", heldOut: null },
  size: {
    ...sizes.tiny,
    width: 24,
    heads: 2,
    imageLayers: 2,
    textLayers: 1,
    fusionLayers: 2,
    embedding: 16,
    decoder: { width: 16, heads: 4, layers: 2 }
  },
  image: 16,
  patch: 4,
  length: 12,
  vocabulary: 64,
  contrastive: { queue: 16 },
  augment: null,
  training: { batch, steps: 1, learningRate, weightDecay: 0.02, clip: 3, momentum: 0.995 }
}
const golden16 = (made: Pipeline): Pipeline => overridden(made, ["encode.model.text.maxPositions=16"], dataTables)
const queues = ["queueImage", "queueText", "queueGroup"]
const inputs = {
  group: "group",
  tokens: "tokens",
  tokenMask: "tokenMask",
  patches: "patches",
  "noise/mask.maskOrder": "maskOrder",
  "noise/mask.tokenNoise": "tokenNoise",
  "noise/mask.tokenAction": "tokenAction",
  "noise/mask.tokenRandom": "tokenRandom",
  "noise/align.negativeImage": "negativeImageGumbel",
  "noise/align.negativeText": "negativeTextGumbel"
}
const late = { step: 1e6, steps: 2e6, warmup: 0, stepsPerEpoch: 1 }
const largestOf = (numbers: ArrayLike<number>): number => Array.from(numbers).reduce((a, b) => Math.max(a, Math.abs(b)), 0)

/** A step of a pipeline from the state and on the inputs of a golden file: outputs, and the state after it. */
const stepOf = (pipeline: Pipeline, file: ReturnType<typeof golden>) => {
  const layout = parameterLayout(pipeline)
  const contents = (): BufferContents => {
    const all = new Map(initialState(pipeline, layout, 0))
    const [student, teacher] = [all.get("student")!, all.get("teacher")!]
    for (const slot of layout.slots) {
      student.set(file.values(`student.${slot.name}`), slot.offset)
      if (slot.hasTeacher) teacher.set(file.values(`teacher.${slot.name}`), slot.offset)
    }
    for (const name of queues) {
      all.set(`align.${name}`, file.values(`state.${name}`) as Float32Array | Int32Array)
      all.set(`align.${name}.pointer`, Int32Array.of(Number(file.metadata.get("queuePointer"))))
    }
    return all
  }
  const feeds = (): NamedNumbers => {
    const given = Object.entries(inputs).flatMap(([ours, theirs]): [string, Numbers][] => {
      if (!file.names.includes(`step1.input.${theirs}`)) return []
      const values = file.values(`step1.input.${theirs}`) as Numbers
      return [[ours, ours === "tokenMask" ? Uint8Array.from(values) : values]]
    })
    const own = tensorStagesOf(pipeline).flatMap((stage) =>
      Object.entries(stage.scalars).map(([name, at]) => [`${stage.as}.${name}`, at(late)] as const)
    )
    const scalars = [...Object.entries({ ...adamwScalars(1, learningRate, pipeline.training), momentum: 0.995 }), ...own]
    return Object.fromEntries([...given, ...scalars.map(([name, value]) => [`scalar/${name}`, Float32Array.of(value)])])
  }
  const run = Effect.scoped(
    Effect.gen(function* () {
      const session = yield* onnx.open(stateBuffers(pipeline, layout), { threads: 1, recompute: false })
      yield* restore(session, contents())
      const fields = Object.keys({ ...passes, ...visible }).filter((name) =>
        tensorStagesOf(pipeline).some((stage) => name in stage.adds)
      )
      const step = yield* session.compile("step", trainingProgram(pipeline, layout, batch, { gradients: true, fields }))
      const outputs = yield* step.run(feeds())
      const after = new Map<string, Numbers>()
      for (const name of ["student", "teacher", ...queues.map((queue) => `align.${queue}`)])
        after.set(name, yield* session.read(name))
      return { outputs, after }
    })
  )
  return { layout, run: Effect.runPromise(run) }
}

/** How the file calls what the stages add. */
const passes: Readonly<Record<string, string>> = {
  "teacher.imageStates": "pass.Ti",
  "teacher.textStates": "pass.Tt",
  "teacher.maskedText": "pass.Tx",
  "teacher.fusedMaskedText": "pass.G2",
  imageStates: "pass.Si",
  textStates: "pass.St",
  maskedText: "pass.Sx",
  fusedMaskedText: "pass.F2",
  fusedText: "pass.F3",
  maskedTokens: "chosen.maskedTokens",
  imageNegative: "chosen.negativeImage",
  textNegative: "chosen.negativeText",
  maskedPatches: "chosen.imageIndices"
}
/** The same of the visible patches, which the file has in the order of the noise. */
const visible: Readonly<Record<string, string>> = { visibleImage: "pass.Sv", fusedVisibleImage: "pass.F1" }

/** States of visible patches in the order of their places: the file's rows, [CLS] first. */
const inPlace = (file: ReturnType<typeof golden>, name: string): Float32Array => {
  const [indices, all] = [file.values("step1.chosen.visibleIndices"), file.values(`step1.${name}`) as Float32Array]
  const n = indices.length / batch
  const width = all.length / batch / (n + 1)
  const rows = Array.from({ length: batch }, (_, b) => {
    const places = Array.from(indices).slice(b * n, (b + 1) * n)
    return [0, ...places.map((_, i) => i + 1).sort((i, j) => places[i - 1]! - places[j - 1]!)].map((row) => b * (n + 1) + row)
  })
  return Float32Array.from(rows.flat().flatMap((row) => [...all.slice(row * width, (row + 1) * width)]))
}

describe.each([
  ["albef", albefOf],
  ["vlmae", vlmaeOf]
] as const)("one step of %s, as PyTorch computes it in float64", (name, of) => {
  const file = golden(`${name}.safetensors`)
  const pipeline = golden16(of(name, choices))
  const { layout, run } = stepOf(pipeline, file)
  const [norm] = file.values("step1.loss.gradientNorm") as Float32Array
  let outputs: NamedNumbers
  let after: ReadonlyMap<string, Numbers>
  beforeAll(async () => {
    ;({ outputs, after } = await run)
  })

  it("has the file's parameters and no others, with a teacher where the file has one or nobody reads it", () => {
    const stored = file.names.filter((each) => each.startsWith("student.")).map((each) => each.slice(8))
    assert.deepEqual(layout.slots.map((slot) => slot.name).sort(), stored.sort())
    for (const slot of layout.slots.filter((each) => each.hasTeacher)) assert.include(file.names, `teacher.${slot.name}`)
    assert.isFalse(layout.slots.some((slot) => slot.hasTeacher && /^(decoder|itm_head|temperature)/.test(slot.name)))
  })

  it("has every loss and the gradient's norm", () => {
    const wanted = file.names.filter((each) => each.startsWith("step1.loss.")).map((each) => each.slice(11))
    assert.includeMembers(wanted, ["itc", "itm", "mlm", "loss", "gradientNorm", ...(name === "vlmae" ? ["mim"] : [])])
    for (const each of wanted) {
      const [value] = file.values(`step1.loss.${each}`) as Float32Array
      assert.closeTo(outputs[each]![0]!, value!, 1e-5 * Math.abs(value!), each)
    }
  })

  it("chooses and computes the same on every pass", () => {
    const made = Object.entries(passes).filter(([ours]) => outputs[`field/${ours}`])
    assert.isAtLeast(made.length, 12)
    for (const [ours, theirs] of made) {
      const { relative } = distance(outputs[`field/${ours}`]!, file.values(`step1.${theirs}`))
      assert.isBelow(relative, theirs.startsWith("chosen") ? 1e-30 : 5e-6, ours)
    }
    for (const [ours, theirs] of name === "vlmae" ? Object.entries(visible) : [])
      assert.isBelow(distance(outputs[`field/${ours}`]!, inPlace(file, theirs)).relative, 5e-6, ours)
  })

  it("has every parameter's gradient", () => {
    for (const slot of layout.slots) {
      const wanted = file.values(`gradient.${slot.name}`)
      const { largest } = distance(outputs[`gradient/${slot.name}`]!, wanted)
      assert.isAtMost(largest, Math.max(1e-4 * largestOf(wanted), 1e-6 * norm!), slot.name)
    }
  })

  it("has every parameter, the teacher and the queues after the update", () => {
    const part = (buffer: string, slot: (typeof layout.slots)[number]) =>
      after.get(buffer)!.subarray(slot.offset, slot.offset + slot.size)
    for (const slot of layout.slots) {
      assert.isBelow(distance(part("student", slot), file.values(`after.${slot.name}`)).largest, 1e-4, slot.name)
      if (!slot.hasTeacher || !file.names.includes(`teacherAfter.${slot.name}`)) continue
      assert.isBelow(distance(part("teacher", slot), file.values(`teacherAfter.${slot.name}`)).largest, 1e-6, slot.name)
    }
    for (const queue of queues)
      assert.isBelow(distance(after.get(`align.${queue}`)!, file.values(`stateAfter.${queue}`)).largest, 1e-6, queue)
  })
})
