import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, FileSystem, type Scope } from "effect"
import type { Engine, EngineOptions } from "../../../lib/engine/engine.ts"
import { reference } from "../../../lib/engine/reference/engine.ts"
import { thisProcessor } from "../../../lib/machine/processor.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { lockFolder } from "../../../lib/store/lock.ts"
import { outcomeOf, type ToyRun, toyRun } from "../../toy/run.ts"
import { crashingDisk } from "../store/failing-disk.ts"

/** Where files are flushed at once, if there is such a place: many small runs are made here. */
const memory = "/dev/shm"

const newFolder = Effect.map(
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped(existsSync(memory) ? { directory: memory } : {})),
  (inside) => join(inside, "run")
)

/** What a whole run of some settings comes to. */
const whole = (given: ToyRun = {}) =>
  Effect.gen(function* () {
    const folder = yield* newFolder
    yield* toyRun(folder, given)
    return outcomeOf(folder)
  })

/** A crash leaves the lock of a process that is gone; here the process lives on, so its lock is taken away. */
const forgetLock = (folder: string): void => {
  for (const name of [".lock", ".lock.next"]) rmSync(join(folder, name), { force: true })
}

/** Asks to stop after so many steps. */
const afterSteps = (steps: number): (() => boolean) => {
  let asked = 0
  return () => asked++ >= steps
}

const problem = (folder: string, given: ToyRun) =>
  Effect.map(Effect.flip(toyRun(folder, given)), (error) => (error as Error).message)

const test = (name: string, body: Effect.Effect<void, unknown, NodeServices.NodeServices | Scope.Scope>) =>
  it.live(name, () => body.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

describe("a run", () => {
  test(
    "tells its engine the threads and whether to recompute activations",
    Effect.gen(function* () {
      const told: EngineOptions[] = []
      const engine: Engine = {
        ...reference,
        open: (buffers, options) => {
          told.push(options)
          return reference.open(buffers, options)
        }
      }
      yield* toyRun(yield* newFolder, { engine, set: ["recompute=true"] })
      yield* toyRun(yield* newFolder, { engine })
      assert.deepStrictEqual(told, [
        { threads: 1, recompute: true },
        { threads: 1, recompute: false }
      ])
    })
  )

  test(
    "ends the same wherever the disk stops, once it is resumed",
    Effect.gen(function* () {
      const expected = yield* whole()
      let last = 1
      for (let crashed = true; crashed; last++) {
        const folder = yield* newFolder
        const disk = crashingDisk(last)
        const exit = yield* Effect.exit(toyRun(folder).pipe(Effect.provide(disk.layer, { local: true })))
        crashed = disk.crashed()
        if (!crashed) assert.isTrue(Exit.isSuccess(exit))
        forgetLock(folder)
        yield* toyRun(folder, { resume: true })
        assert.deepStrictEqual(outcomeOf(folder), expected, `change ${last}`)
        const left = [folder, join(folder, "checkpoints")].flatMap((path) => readdirSync(path))
        assert.deepStrictEqual(left.filter((name) => name.startsWith(".")).sort(), [], `change ${last}`)
      }
      assert.isAtLeast(last, 60)
    })
  )

  test(
    "has the same bits for any number of data workers",
    Effect.gen(function* () {
      const expected = yield* whole()
      assert.deepStrictEqual(yield* whole({ workers: 1 }), expected)
      assert.deepStrictEqual(yield* whole({ workers: 2 }), expected)
    })
  )

  test(
    "stops when asked with a checkpoint, and goes on to the same end",
    Effect.gen(function* () {
      const folder = yield* newFolder
      const stopped = yield* toyRun(folder, { stopping: afterSteps(3) })
      assert.deepInclude(stopped, { step: 3, stopped: true })
      assert.isTrue(existsSync(join(folder, "checkpoints", "step-3", "manifest.json")))
      yield* toyRun(folder, { resume: true, workers: 1 })
      assert.deepStrictEqual(outcomeOf(folder), yield* whole())
    })
  )

  test(
    "stops before its first step without a checkpoint",
    Effect.gen(function* () {
      const folder = yield* newFolder
      const stopped = yield* toyRun(folder, { stopping: () => true })
      assert.deepInclude(stopped, { step: 0, stopped: true })
      yield* toyRun(folder)
      assert.deepStrictEqual(outcomeOf(folder), yield* whole())
    })
  )

  test(
    "drops a torn last line of its metrics, and names a line that is damaged otherwise",
    Effect.gen(function* () {
      const folder = yield* newFolder
      yield* toyRun(folder, { stopping: afterSteps(3) })
      const metrics = join(folder, "metrics.jsonl")
      truncateSync(metrics, statSync(metrics).size - 9)
      yield* toyRun(folder, { resume: true, stopping: () => true })
      const steps = outcomeOf(folder).metrics.map((line) => line["step"])
      assert.deepStrictEqual(steps, [1, 2])
      appendFileSync(metrics, "{ what\n")
      assert.strictEqual(yield* problem(folder, { resume: true }), `${metrics}: line 3 is not JSON`)
    })
  )

  test(
    "refuses a folder with a run in it, unless it is to be resumed",
    Effect.gen(function* () {
      const folder = yield* newFolder
      yield* toyRun(folder)
      const refused = yield* problem(folder, {})
      assert.strictEqual(refused, `${folder}: has a run in it; give --resume to go on with it, or another --out`)
      rmSync(join(folder, "pipeline.json"))
      const without = yield* problem(folder, { resume: true })
      assert.strictEqual(without, `${folder}: has a run in it, but no pipeline.json that says of what`)
    })
  )

  test(
    "takes a folder in which no step was done, with other settings too",
    Effect.gen(function* () {
      const folder = yield* newFolder
      yield* problem(folder, { set: ["batch=5", "microBatch=2"] })
      assert.isTrue(existsSync(join(folder, "pipeline.json")))
      yield* toyRun(folder)
      assert.deepStrictEqual(outcomeOf(folder), yield* whole())
    })
  )

  test(
    "is resumed with what may change, and refuses the rest by name",
    Effect.gen(function* () {
      const folder = yield* newFolder
      yield* toyRun(folder)
      const changed = ["steps=6", "logEvery=2", "checkpointEvery=3", "validateEvery=5", "keepLast=3"]
      yield* toyRun(folder, { resume: true, set: changed, workers: 1 })
      assert.strictEqual(outcomeOf(folder).step, 6)
      assert.include(readFileSync(join(folder, "pipeline.json"), "utf8"), '"keepLast":3')
      const kept = "steps, training.logEvery, training.checkpointEvery, training.validateEvery, training.keepLast"
      const allowed = `(what may change: training.${kept}, settings of tasks, engine, threads, workers)`
      for (const [set, name] of [
        ["batch=3", "training.batch"],
        ["learningRate=1", "training.learningRate"],
        ["seed=8", "training.seed"],
        ["source.train=toy:11", "source.train"],
        ["letters.count=5", "stages.0.settings.count"]
      ] as const) {
        const said = yield* problem(folder, { resume: true, set: [...changed, set] })
        assert.strictEqual(said, `${folder}: cannot be resumed with another ${name} ${allowed}`)
      }
    })
  )

  test(
    "names engine, threads and kind of processor in its checkpoints, and says in one line that it goes on elsewhere",
    Effect.gen(function* () {
      const folder = yield* newFolder
      const state = (step: number) => JSON.parse(readFileSync(join(folder, "checkpoints", `step-${step}`, "state.json"), "utf8"))
      const about = (lines: readonly string[]) => lines.filter((line) => line.includes("goes on with"))
      const here = { engine: `reference ${reference.version}`, threads: 1, processor: thisProcessor().kind }
      yield* toyRun(folder, { stopping: afterSteps(2) })
      assert.deepInclude(state(2), here)
      assert.notProperty(state(2), "earlier")

      const lines: string[] = []
      const print = (text: string) => void lines.push(text)
      yield* toyRun(folder, { resume: true, stopping: afterSteps(1), print })
      assert.deepStrictEqual(about(lines), [])
      assert.notProperty(state(3), "earlier")

      const other: Engine = { ...reference, version: "another" }
      const finished = yield* toyRun(folder, { resume: true, engine: other, threads: 2, print })
      const said = about(lines)
      assert.deepStrictEqual(
        said.map((line) => line.split("\n").length),
        [2]
      )
      assert.include(said[0], `${folder}: step 3 goes on with another engine (reference another, before ${here.engine})`)
      assert.include(said[0], "another number of threads (2, before 1)")
      const earlier = [{ until: 3, ...here }]
      assert.deepInclude(state(4), { engine: "reference another", threads: 2, processor: here.processor, earlier })
      assert.deepStrictEqual(finished.earlier, earlier)
      // Done already: nothing is computed elsewhere any more.
      yield* toyRun(folder, { resume: true, print })
      assert.deepStrictEqual(about(lines), said)
    })
  )

  test(
    "goes on from a checkpoint of an older version, and says that it is not known where it was computed",
    Effect.gen(function* () {
      const folder = yield* newFolder
      yield* toyRun(folder, { stopping: afterSteps(2) })
      const checkpoint = join(folder, "checkpoints", "step-2")
      const { threads, processor, ...old } = JSON.parse(readFileSync(join(checkpoint, "state.json"), "utf8"))
      const text = JSON.stringify({ ...old, engine: "reference of then" })
      writeFileSync(join(checkpoint, "state.json"), text)
      const manifest = JSON.parse(readFileSync(join(checkpoint, "manifest.json"), "utf8"))
      manifest.files["state.json"] = { sha256: sha256(text), bytes: text.length }
      writeFileSync(join(checkpoint, "manifest.json"), JSON.stringify(manifest))
      const lines: string[] = []
      const finished = yield* toyRun(folder, { resume: true, print: (line) => void lines.push(line) })
      assert.match(
        lines.join("\n"),
        /step 2 goes on from a checkpoint of reference .* that does not say its number of threads and kind of processor: .* is unknown/
      )
      assert.deepStrictEqual(finished.earlier, [{ until: 2, engine: "reference of then" }])
      assert.deepStrictEqual(outcomeOf(folder), yield* whole())
    })
  )

  test(
    "refuses a folder that another process works in, naming it",
    Effect.gen(function* () {
      const folder = yield* newFolder
      yield* lockFolder(folder)
      const said = yield* problem(folder, {})
      assert.match(said, new RegExp(`run: in use by process ${process.pid}, started \\S+$`))
    })
  )

  test(
    "says in one line that the disk is full, and its last checkpoint stays",
    Effect.gen(function* () {
      const full = "ENOSPC: no space left on device, write"
      const expected = yield* whole()
      for (const more of [5, 20, 40]) {
        const folder = yield* newFolder
        yield* toyRun(folder, { stopping: afterSteps(2) })
        const disk = crashingDisk(more, full)
        const failed = yield* Effect.flip(toyRun(folder, { resume: true }).pipe(Effect.provide(disk.layer, { local: true })))
        assert.match((failed as Error).message, /^\S+run\S*: ENOSPC: no space left on device, write$/)
        assert.strictEqual(outcomeOf(folder).step, 2)
        forgetLock(folder)
        yield* toyRun(folder, { resume: true })
        assert.deepStrictEqual(outcomeOf(folder), expected)
      }
    })
  )

  test(
    "starts from given weights even if it is killed before its first checkpoint",
    Effect.gen(function* () {
      const given = new Map([["scales.weight", Float32Array.from({ length: 30 }, (_, i) => i / 30)]])
      const expected = yield* whole({ given })
      assert.notDeepEqual(expected.tensors, (yield* whole()).tensors)
      const folder = yield* newFolder
      yield* toyRun(folder, { given, stopping: () => true })
      yield* toyRun(folder, { resume: true })
      assert.deepStrictEqual(outcomeOf(folder), expected)
    })
  )

  test(
    "stops at a loss that is not finite, with the step, the losses and the samples; the last good checkpoint stays",
    Effect.gen(function* () {
      const bad = new Map([["scales.weight", new Float32Array(30).fill(Number.NaN)]])
      const folder = yield* newFolder
      const unsaved = yield* problem(folder, { given: bad })
      assert.strictEqual(unsaved, "step 0: scales.weight is NaN at 0: not saved")
      const other = yield* newFolder
      const said = yield* problem(other, { set: ["learningRate=1e25", "checkpointEvery=1", "steps=9"] })
      assert.match(said, /^step 2: (weight|loss), \S+.* not finite \(.*loss=Infinity.*\); samples: toy\/\d toy\/\d$/)
      assert.strictEqual(outcomeOf(other).step, 1)
    })
  )
})
