import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Engine, Numbers } from "../../../lib/engine/engine.ts"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { reference } from "../../../lib/engine/reference/engine.ts"
import { distance } from "../../stages/golden.ts"
import { type GoldenRun, goldenBuffers, goldenFile, goldenLayout, goldenRun, partOf } from "./golden-run.ts"

/** Each engine's run, made once: its state after the first step is kept. */
const runs = new Map<Engine, Promise<GoldenRun>>()
const runOn = (engine: Engine): Promise<GoldenRun> => {
  const run = runs.get(engine) ?? Effect.runPromise(goldenRun(engine, 3))
  runs.set(engine, run)
  return run
}

const names = goldenLayout.slots.map((slot) => slot.name)
const losses = ["itc", "itm", "mlm", "mim", "agreement", "loss", "teacherEntropy", "agreementEntropy", "gradientNorm"]
const [globalNorm] = goldenFile.values("step1.loss.gradientNorm") as Float32Array

const gradientOf = (run: GoldenRun, name: string): Numbers => run.outputs[0]![`gradient/${name}`]!
const largestOf = (numbers: ArrayLike<number>): number => Array.from(numbers).reduce((a, b) => Math.max(a, Math.abs(b)), 0)

/** Gradients may differ by 1e-4 of the tensor's largest; where that is rounding's own height, by 1e-6 of the norm of all. */
const assertGradients = (of: (name: string) => ArrayLike<number>, expected: (name: string) => ArrayLike<number>) => {
  for (const name of names) {
    const wanted = expected(name)
    const allowed = Math.max(1e-4 * largestOf(wanted), 1e-6 * globalNorm!)
    assert.isAtMost(distance(of(name), wanted).largest, allowed, name)
  }
}

const assertLosses = (run: GoldenRun, step: number, expected: (name: string) => number) => {
  for (const name of losses) {
    const wanted = expected(name)
    assert.closeTo(run.outputs[step - 1]![name]![0]!, wanted, 1e-4 * Math.abs(wanted), `${name} at step ${step}`)
  }
}

const pytorchLoss = (step: number) => (name: string) => (goldenFile.values(`step${step}.loss.${name}`) as Float32Array)[0]!
/** As the file's README says: a first step is lr·g/|g|, so a gradient at rounding's height moves a weight by up to lr. */
const afterTolerance = 1e-4

describe.each([
  ["onnx", onnx],
  ["reference", reference]
] as const)("a training step on %s, against PyTorch", (_, engine) => {
  let run: GoldenRun
  beforeAll(async () => {
    run = await runOn(engine)
  })

  it("has the losses of three consecutive steps", () => {
    for (const step of [1, 2, 3]) assertLosses(run, step, pytorchLoss(step))
  })

  it("has every parameter's gradient", () => {
    assertGradients(
      (name) => gradientOf(run, name),
      (name) => goldenFile.values(`gradient.${name}`)
    )
  })

  it("has every parameter, moment and teacher's parameter after one update", () => {
    for (const name of names)
      assert.isBelow(
        distance(partOf(run.after.get("student")!, name), goldenFile.values(`after.${name}`)).largest,
        afterTolerance,
        name
      )
    const stored = new Set(goldenFile.names)
    // PyTorch's teacher is a copy of the whole student; ours has what is read of it.
    const taught = new Set(goldenLayout.slots.filter((slot) => slot.hasTeacher).map((slot) => slot.name))
    for (const [file, buffer] of [
      ["m", "adam.m"],
      ["v", "adam.v"],
      ["teacherAfter", "teacher"]
    ] as const)
      for (const name of names.filter((name) => stored.has(`${file}.${name}`) && (buffer !== "teacher" || taught.has(name)))) {
        const wanted = goldenFile.values(`${file}.${name}`)
        const { largest } = distance(partOf(run.after.get(buffer)!, name), wanted)
        const floor = { "adam.m": 1e-7, "adam.v": 1e-9, teacher: 1e-6 }[buffer]
        assert.isAtMost(largest, Math.max(1e-4 * largestOf(wanted), floor), `${file}.${name}`)
      }
  })

  it("has the centres and queues, around the ring's end, after one step and after three", () => {
    for (const [when, state] of [
      ["stateAfter", run.after],
      ["stateEnd", run.end]
    ] as const)
      for (const [ours, theirs] of Object.entries(goldenBuffers)) {
        const { largest } = distance(state.get(ours)!, goldenFile.values(`${when}.${theirs}`))
        assert.isAtMost(largest, theirs === "queueGroup" ? 0 : when === "stateAfter" ? 1e-6 : 1e-4, `${when}.${theirs}`)
      }
    assert.closeTo(
      partOf(run.end.get("student")!, "temperature")[0]!,
      (goldenFile.values("stateEnd.temperature") as Float32Array)[0]!,
      1e-5
    )
  })
})

describe("a training step on two engines", () => {
  it("has the same losses, gradients and parameters", async () => {
    const [mine, other] = await Promise.all([onnx, reference].map(runOn))
    for (const step of [1, 2, 3]) assertLosses(mine!, step, (name) => other!.outputs[step - 1]![name]![0]!)
    assertGradients(
      (name) => gradientOf(mine!, name),
      (name) => gradientOf(other!, name)
    )
    for (const name of names) {
      const [a, b] = [mine!, other!].map((run) => partOf(run.after.get("student")!, name))
      assert.isBelow(distance(a!, b!).largest, afterTolerance, name)
    }
  })
})
