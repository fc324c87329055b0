import { mkdtempSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { sizeOf } from "../../../lib/compiler/program.ts"
import type { NamedNumbers } from "../../../lib/engine/engine.ts"
import { reference } from "../../../lib/engine/reference/engine.ts"
import { initialState } from "../../../lib/model/initial.ts"
import { parameterLayout } from "../../../lib/model/layout.ts"
import { stateBuffers } from "../../../lib/model/state-buffers.ts"
import { type Pipeline, pairs, pipeline } from "../../../lib/pipeline/pipeline.ts"
import { trainSettings } from "../../../lib/pipeline/training-settings.ts"
import { integers } from "../../../lib/random/integers.ts"
import { derive, key } from "../../../lib/random/key.ts"
import { uniform } from "../../../lib/random/uniform.ts"
import { restore } from "../../../lib/run-folder/checkpoint.ts"
import { stepScalars } from "../../../lib/train/scalars.ts"
import { trainingProgram } from "../../../lib/train/step.ts"
import { temporaryFolder } from "../../temporary-folder.ts"
import { judge } from "../../toy/judge.ts"
import { letters } from "../../toy/letters.ts"
import { partedPipeline } from "../../toy/parted.ts"
import { outcomeOf, toyRun } from "../../toy/run.ts"
import { weigh } from "../../toy/weigh.ts"

const inside = temporaryFolder("parts")
const newFolder = (): string => join(mkdtempSync(join(inside, "p-")), "run")

/** Asks to stop after so many steps; a killed run fails there instead, without a checkpoint. */
const after = (steps: number, kill = false): (() => boolean) => {
  let asked = 0
  return () => {
    if (asked++ < steps) return false
    if (kill) throw new Error("killed")
    return true
  }
}

/** The loss and the gradient of the scales of a pipeline's first step. */
const gradientOf = (given: Pipeline, feeds: NamedNumbers) =>
  Effect.scoped(
    Effect.gen(function* () {
      const layout = parameterLayout(given)
      const program = trainingProgram(given, layout, given.training.batch, { gradients: true })
      const session = yield* reference.open(stateBuffers(given, layout), { threads: 1 })
      yield* restore(session, initialState(given, layout, 3))
      const step = yield* session.compile("step", program)
      const shapes = program.inputs.map(({ name, value }) => [name, sizeOf(program.values[value]!.shape)] as const)
      for (const [name, length] of shapes) if (feeds[name]) assert.strictEqual(feeds[name].length, length, name)
      const outputs = yield* step.run({ ...feeds, ...stepScalars(given, 0, 10).feeds })
      return { loss: outputs["loss"]![0]!, gradient: outputs["gradient/scales.weight"]! }
    })
  )

describe("a step whose batch has parts", () => {
  it.live("has the sum of its parts' losses, each a mean over its own samples, and of their gradients", () =>
    Effect.gen(function* () {
      const start = (batch: number) =>
        pipeline("toy", pairs("toy:10"))
          .pipe(letters({ count: 6 }))
          .pipe(weigh({ scales: { name: "scales", width: 5 } }))
          .pipe(judge())
          .train(trainSettings({ batch, steps: 10, learningRate: 0.1 }))
      const fed = (name: string, batch: number) => ({
        letters: integers(derive(key(1), name, "letters"), batch * 6, 97, 122),
        shake: uniform(derive(key(1), name, "shake"), batch * 5)
      })
      const [main, others] = [fed("main", 4), fed("others", 2)]
      const whole = yield* gradientOf(partedPipeline({ batch: 4, others: 2 }), {
        group: new Int32Array(4),
        letters: main.letters,
        "others.letters": others.letters,
        "noise/weigh.shake": main.shake,
        "noise/teacher.weigh.shake": main.shake,
        "noise/weigh.others.shake": others.shake
      })
      const alone = (batch: number, own: typeof main) =>
        gradientOf(start(batch), { group: new Int32Array(batch), letters: own.letters, "noise/weigh.shake": own.shake })
      const [one, two] = [yield* alone(4, main), yield* alone(2, others)]
      assert.closeTo(whole.loss / (one.loss + two.loss), 1, 1e-6)
      whole.gradient.forEach((value, i) => {
        assert.closeTo(value / (one.gradient[i]! + two.gradient[i]!), 1, 1e-5)
      })
    })
  )

  it.live("comes to the same bits where its run was stopped or killed, and with workers", () =>
    Effect.gen(function* () {
      const given = { pipeline: partedPipeline({ source: "toy:10:3", part: "toy:7:2" }), set: ["others.batch=3"] }
      const whole = newFolder()
      yield* toyRun(whole, given)
      const stopped = newFolder()
      yield* toyRun(stopped, { ...given, stopping: after(1) })
      yield* toyRun(stopped, { ...given, resume: true, workers: 1 })
      assert.deepStrictEqual(outcomeOf(stopped), outcomeOf(whole))
      const killed = newFolder()
      const exit = yield* Effect.exit(toyRun(killed, { ...given, stopping: after(3, true) }))
      assert.strictEqual(exit._tag, "Failure")
      yield* toyRun(killed, { ...given, resume: true })
      assert.deepStrictEqual(outcomeOf(killed), outcomeOf(whole))
      const skipped = readFileSync(join(whole, "skipped.jsonl"), "utf8")
      assert.include(skipped, '"id":"toy/2","reason":"unreadable(toy)","part":"others"}')
      assert.strictEqual(readFileSync(join(killed, "skipped.jsonl"), "utf8"), skipped)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
