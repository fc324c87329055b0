import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, type Scope } from "effect"
import { parameterLayout, setOf } from "../../../lib/model/layout.ts"
import { pairs, pipeline as start } from "../../../lib/pipeline/pipeline.ts"
import { frozen } from "../../../lib/pipeline/with-weights.ts"
import { checkpointFolder } from "../../../lib/run-folder/checkpoint.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { decode } from "../../../lib/store/safetensors/safetensors.ts"
import { trainingProgram } from "../../../lib/train/step.ts"
import { judge } from "../../toy/judge.ts"
import { letters } from "../../toy/letters.ts"
import { ruledPipeline, toyPipeline } from "../../toy/pipeline.ts"
import { outcomeOf, type ToyRun, toyRun, toyTraining } from "../../toy/run.ts"
import { weigh } from "../../toy/weigh.ts"

const modelFile = (run: string, step = 4): string => join(checkpointFolder(run, step), "model.safetensors")
const digestOf = (file: string): string => sha256(readFileSync(file))
const numbersIn = (file: string, name: string) => [
  ...(decode(new Uint8Array(readFileSync(file))).tensors.get(name)!.data as Float32Array)
]
const json = (...path: readonly string[]) => JSON.parse(readFileSync(join(...path), "utf8"))

/** A run whose weights are to be frozen, and a folder for one that has them. */
const ready = Effect.gen(function* () {
  const inside = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
  const from = join(inside, "ruler")
  yield* toyRun(from, { set: ["seed=7", "keepLast=2"] })
  return { inside, from, folder: join(inside, "run"), pipeline: ruledPipeline(from) }
})

const afterSteps = (steps: number): (() => boolean) => {
  let asked = 0
  return () => asked++ >= steps
}

const problem = (folder: string, given: ToyRun) =>
  Effect.map(Effect.flip(toyRun(folder, given)), (error) => (error as Error).message)

const test = (name: string, body: Effect.Effect<void, unknown, NodeServices.NodeServices | Scope.Scope>) =>
  it.live(name, () => body.pipe(Effect.scoped, Effect.provide(NodeServices.layer)), 60_000)

describe("a frozen set", () => {
  test(
    "has the numbers of the file that it comes from, still after training, which learns from it",
    Effect.gen(function* () {
      const { from, folder, pipeline } = yield* ready
      const { session, layout } = yield* toyTraining(folder, { pipeline, set: ["steps=40"] })
      const { buffer, slots, role } = setOf(layout, "ruler")!
      assert.deepStrictEqual([role, slots.map(({ name }) => name)], ["fixed", ["scales.weight"]])
      const numbers = yield* session.read(buffer)
      const [slot] = slots
      assert.deepStrictEqual(
        [...numbers.subarray(slot!.offset, slot!.offset + slot!.size)],
        numbersIn(modelFile(from), "scales.weight")
      )
      const { metrics } = outcomeOf(folder)
      assert.isBelow(metrics.at(-1)!["weight"]!, metrics[0]!["weight"]! / 2)
    })
  )

  test(
    "is in no checkpoint: only where it comes from and its digest are",
    Effect.gen(function* () {
      const { from, folder, pipeline } = yield* ready
      yield* toyRun(folder, { pipeline })
      const checkpoint = checkpointFolder(folder, 4)
      const tensors = ["model", "optimizer", "teacher"].map((name) => `${name}.safetensors`)
      assert.deepStrictEqual(readdirSync(checkpoint).sort(), [
        "manifest.json",
        "model.safetensors",
        "optimizer.safetensors",
        "state.json",
        "teacher.safetensors"
      ])
      for (const file of tensors)
        for (const name of decode(new Uint8Array(readFileSync(join(checkpoint, file)))).tensors.keys())
          assert.notInclude(name, "ruler", file)
      const digest = digestOf(modelFile(from))
      assert.deepStrictEqual(json(checkpoint, "state.json").frozen, { ruler: { from, digest } })
      assert.deepStrictEqual(
        json(folder, "pipeline.json").pipeline.stages.map(({ weights }: { weights: unknown }) => weights),
        [undefined, "teacher", { frozen: "ruler", from, digest }, "student", "student"]
      )
    })
  )

  test(
    "has no gradient, moments or average, and lets no gradient through",
    Effect.gen(function* () {
      const model = weigh({ scales: { name: "scales", width: 5 } })
      const { training } = toyPipeline()
      const begun = start("toy", pairs("toy:10")).pipe(letters({ count: 6 }))
      const place = { name: "ruler", from: "nowhere" } as const
      const only = begun.pipe(model).pipe(frozen(model, place)).pipe(frozen(judge(), place)).train(training)
      const layout = parameterLayout(only)
      const { updates, outputs, nodes, inputs } = trainingProgram(only, layout, 4, { gradients: true })
      assert.deepStrictEqual([...new Set(updates.map(({ buffer }) => buffer))].sort(), ["adam.m", "adam.v", "student"])
      const read = inputs.filter(({ source }) => "buffer" in source && source.buffer === "frozen.ruler")
      assert.deepStrictEqual(
        read.map(({ name }) => name),
        ["frozen.ruler/scales.weight"]
      )
      const { value } = outputs.find(({ name }) => name === "gradient/scales.weight")!
      const made = nodes.find(({ outputs }) => outputs.includes(value))!
      // Nothing that the loss is made of reaches the student: its gradient is a constant, which is zero.
      assert.deepStrictEqual([made.op, made.inputs], ["Constant", []])
      assert.isUndefined(setOf(layout, "teacher"))
      yield* Effect.void
    })
  )

  test(
    "goes on after a stop to the same bits, wherever its file was moved to",
    Effect.gen(function* () {
      const { inside, from, folder, pipeline } = yield* ready
      yield* toyRun(folder, { pipeline })
      const other = join(inside, "other")
      yield* toyRun(other, { pipeline, stopping: afterSteps(2) })
      renameSync(from, join(inside, "moved"))
      yield* toyRun(other, { pipeline: ruledPipeline(join(inside, "moved")), resume: true })
      assert.deepStrictEqual(outcomeOf(other), outcomeOf(folder))
    })
  )

  test(
    "is the one that a run began with, though its own run has newer checkpoints, and refused once it is gone or changed",
    Effect.gen(function* () {
      const { from, folder, pipeline } = yield* ready
      yield* toyRun(folder, { pipeline, stopping: afterSteps(2) })
      const digest = digestOf(modelFile(from))
      yield* toyRun(from, { set: ["seed=7", "keepLast=2", "steps=6"], resume: true })
      yield* toyRun(folder, { pipeline, resume: true, set: ["steps=3"] })
      assert.strictEqual(json(folder, "pipeline.json").pipeline.stages[2].weights.digest, digest)
      rmSync(checkpointFolder(from, 4), { recursive: true })
      const newest = modelFile(from, 6)
      const gone = yield* problem(folder, { pipeline, resume: true })
      assert.strictEqual(
        gone,
        `${newest}: its SHA-256 is ${digestOf(newest).slice(0, 12)}…, but the frozen set 'ruler' was ${digest.slice(0, 12)}…: put that file back, or start a new run with this one`
      )
      rmSync(from, { recursive: true })
      assert.strictEqual(
        yield* problem(folder, { pipeline, resume: true }),
        `${from}: the frozen set 'ruler' is read from it, but it is not there`
      )
      writeFileSync(from, "no weights")
      const pinned = ruledPipeline(from, { digest })
      assert.match(yield* problem(folder, { pipeline: pinned, resume: true }), /^[^\n]*its SHA-256 is [^\n]*put that file back/)
    })
  )

  test(
    "whose parameters do not fit is refused with what does not",
    Effect.gen(function* () {
      const { from, folder } = yield* ready
      assert.strictEqual(
        yield* problem(folder, { pipeline: ruledPipeline(from, { count: 4 }) }),
        `${from}: does not fit the frozen set 'ruler': 1 misshapen: scales.weight is [5, 6], expected [5, 4]`
      )
      assert.isFalse(existsSync(join(folder, "checkpoints")))
    })
  )
})
