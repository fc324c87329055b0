import { readdirSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Option } from "effect"
import { modelOf } from "../../../lib/cli/model-of.ts"
import { initialState } from "../../../lib/model/initial.ts"
import { parameterLayout, setOf } from "../../../lib/model/layout.ts"
import { stateBuffers } from "../../../lib/model/state-buffers.ts"
import { checkpointFolder, verifyCheckpoint } from "../../../lib/run-folder/checkpoint.ts"
import { loadRun } from "../../../lib/run-folder/load-run.ts"
import { trainingProgram } from "../../../lib/train/step.ts"
import { temporaryFolder } from "../../temporary-folder.ts"
import { toyCli } from "../../toy/cli.ts"
import { toyPipeline, toyTables, untaughtPipeline } from "../../toy/pipeline.ts"
import { outcomeOf, toyRun } from "../../toy/run.ts"

const inside = temporaryFolder("untaught")
const pipeline = untaughtPipeline()
const layout = parameterLayout(pipeline)

const afterSteps = (steps: number): (() => boolean) => {
  let asked = 0
  return () => asked++ >= steps
}

layer(NodeServices.layer, { excludeTestServices: true })("a pipeline without a teacher", (it) => {
  it("has no buffer of one, and a step that moves none", () => {
    assert.isUndefined(setOf(layout, "teacher"))
    assert.deepStrictEqual(Object.keys(stateBuffers(pipeline, layout)), ["student", "adam.m", "adam.v"])
    assert.deepStrictEqual([...initialState(pipeline, layout, 0).keys()], ["student", "adam.m", "adam.v"])
    const { inputs, updates } = trainingProgram(pipeline, layout, 4)
    assert.isFalse(inputs.some(({ name }) => name.startsWith("teacher") || name === "scalar/momentum"))
    assert.isFalse(updates.some(({ buffer }) => buffer === "teacher"))
    const taught = toyPipeline()
    const other = trainingProgram(taught, parameterLayout(taught), 4)
    assert.isTrue(other.inputs.some(({ name }) => name === "scalar/momentum"))
  })

  it.effect("trains, stops and goes on to the same bits, with no file of one", () =>
    Effect.gen(function* () {
      const [whole, other] = [join(inside, "whole"), join(inside, "other")]
      yield* toyRun(whole, { pipeline })
      yield* toyRun(other, { pipeline, stopping: afterSteps(2) })
      yield* toyRun(other, { pipeline, resume: true })
      assert.deepStrictEqual(outcomeOf(other), outcomeOf(whole))
      const files = ["manifest.json", "model.safetensors", "optimizer.safetensors", "state.json"]
      assert.deepStrictEqual(readdirSync(checkpointFolder(whole, 4)).sort(), files)
      const model = yield* loadRun(whole, toyTables)
      assert.isUndefined(model.teacher)
    })
  )

  it.effect("has checkpoints of its own: one file of weights more or less is refused", () =>
    Effect.gen(function* () {
      const [own, taught] = [join(inside, "own"), join(inside, "taught")]
      yield* toyRun(own, { pipeline })
      yield* toyRun(taught)
      const [mine, theirs] = [checkpointFolder(own, 4), checkpointFolder(taught, 4)]
      const withTeacher = parameterLayout(toyPipeline())
      assert.strictEqual(
        (yield* Effect.flip(verifyCheckpoint(mine, withTeacher))).message,
        `${join(mine, "manifest.json")}: does not name teacher.safetensors`
      )
      assert.strictEqual(
        (yield* Effect.flip(verifyCheckpoint(theirs, layout))).message,
        `${join(theirs, "manifest.json")}: names teacher.safetensors, but the pipeline has no such set of weights`
      )
    })
  )

  it.effect("has no teacher's weights to be evaluated or exported", () =>
    Effect.gen(function* () {
      const run = join(inside, "asked")
      yield* toyRun(run, { pipeline })
      const { message } = yield* Effect.flip(modelOf(run, "teacher", Option.none(), toyCli))
      assert.strictEqual(
        message,
        "--weights teacher: toy has no teacher: no stage of it runs with momentum; take the student's weights"
      )
    })
  )
})
