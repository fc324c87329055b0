import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit, FileSystem } from "effect"
import { reportOf } from "../../../lib/cli/report-failure.ts"
import type { CliTables } from "../../../lib/cli/tables.ts"
import type { Task } from "../../../lib/pipeline/task.ts"
import { toyCli } from "../../toy/cli.ts"
import { toyPipeline } from "../../toy/pipeline.ts"
import { tally } from "../../toy/tally.ts"
import { captured } from "./captured.ts"

const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

/** Runs the toy pipeline with some tasks for four steps; what it printed, how it ended, and its folder. */
const run = Effect.fnUntraced(function* (tasks: readonly Task[], ...sets: readonly string[]) {
  const inside = yield* folder
  const tables: CliTables = { ...toyCli, pipelines: { toy: async () => ({ ...toyPipeline(), tasks }) } }
  const out = join(inside, "run")
  const set = ["checkpointEvery=2", "logEvery=1", ...sets].flatMap((each) => ["--set", each])
  const places = ["--out", out, "--cache", join(inside, "cache"), "--workers", "0", "--threads", "1", "--engine", "reference"]
  const { text, exit } = yield* captured(tables, "run", "toy", "--steps", "4", ...places, ...set)
  const ended = Exit.isFailure(exit) ? reportOf(exit.cause, false) : { line: "", status: 0 }
  return { text, ended, out, page: () => readFileSync(join(out, "report.html"), "utf8") }
})
const evaluationOf = (out: string) => JSON.parse(readFileSync(join(out, "evaluation.json"), "utf8"))
const hasCheckpoint = (out: string): boolean => existsSync(join(out, "checkpoints", "step-4", "manifest.json"))

layer(NodeServices.layer)("the tasks of a run", (it) => {
  it.effect("are measured at its end, each on its data, and reported", () =>
    Effect.gen(function* () {
      const { text, ended, out, page } = yield* run([tally({ data: "toy:40" })], "tally.samples=7")
      assert.deepStrictEqual(ended, { line: "", status: 0 })
      assert.match(text, /^7 samples of toy:40\nreport: /m)
      const { tally: metrics, details, failed } = evaluationOf(out)
      assert.deepStrictEqual([metrics, failed], [{ counted: 7 }, undefined])
      assert.strictEqual(details.tally.data.name, "toy:40")
      assert.include(page(), '<section id="tally"><h2>Tally</h2><p>7</p></section>')
      assert.include(page(), "<b>7</b><span>samples</span>")
      assert.include(readFileSync(join(out, "pipeline.json"), "utf8"), '"tasks":[{"settings":{"data":"toy:40"')
    })
  )

  it.effect("that fail cost neither checkpoint nor report: both say why, and so does the status", () =>
    Effect.gen(function* () {
      for (const [fails, why] of [
        ["always", "it was told to"],
        ["badly", "a mistake of two lines"]
      ] as const) {
        const { text, ended, out, page } = yield* run([tally({ data: "toy:40", fails })])
        assert.deepStrictEqual(ended, { line: `semmim: tally: ${why}`, status: 1 })
        assert.match(text, /^report: .*report\.html$/m)
        assert.isTrue(hasCheckpoint(out))
        assert.deepStrictEqual([evaluationOf(out).failed, evaluationOf(out).details], [{ tally: why }, {}])
        assert.include(page(), `<p class="warning">This task could not be measured: ${why}.</p>`)
        assert.include(page(), '<section id="curves">')
      }
    })
  )

  it.effect("may be none, or have no data: the run trains and reports all the same", () =>
    Effect.gen(function* () {
      for (const tasks of [[], [tally()], [tally({ data: "toy:40", samples: 0 })]]) {
        const { text, ended, out, page } = yield* run(tasks)
        assert.deepStrictEqual(ended, { line: "", status: 0 })
        assert.match(text, /^report: /m)
        assert.isFalse(existsSync(join(out, "evaluation.json")))
        assert.notInclude(page(), "tally</h2>")
        assert.isTrue(hasCheckpoint(out))
      }
    })
  )

  it.effect("whose data are not there are refused before the first step", () =>
    Effect.gen(function* () {
      const { ended, out } = yield* run([tally({ data: "nothing" })])
      assert.deepStrictEqual(ended, { line: "semmim: nothing: no such data", status: 1 })
      assert.isFalse(hasCheckpoint(out))
    })
  )

  it.effect("are validated while it trains, may choose the best checkpoint, and fail without stopping it", () =>
    Effect.gen(function* () {
      const best = 'best={"metric":"tally.counted","goal":"highest"}'
      const { text, ended, out } = yield* run([tally({ data: "toy:99", samples: 6 })], "validateEvery=2", best)
      assert.strictEqual(ended.status, 0, ended.line)
      assert.notInclude(text, "not validated")
      const state = JSON.parse(readFileSync(join(out, "checkpoints", "step-4", "state.json"), "utf8"))
      assert.deepStrictEqual(state.best, { metric: "tally.counted", value: 90, step: 2 })

      const failing = yield* run([tally({ data: "toy:99", fails: "always" })], "validateEvery=2")
      assert.match(failing.text, /^semmim: step 2 is not validated: tally: it was told to$/m)
      assert.isTrue(hasCheckpoint(failing.out))
      const few = yield* run([tally({ data: "toy:10", samples: 10 })], "validateEvery=2")
      const why = "tally: all 10 held-out samples of toy:10 are measured (tally.samples=10)"
      assert.include(few.text, `semmim: not validated while training: ${why}`)
    })
  )
})
