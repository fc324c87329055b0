import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit, FileSystem } from "effect"
import { reportOf } from "../../../lib/cli/report-failure.ts"
import type { CliTables } from "../../../lib/cli/tables.ts"
import { toyCli } from "../../toy/cli.ts"
import { captured } from "./captured.ts"

const { endless: _, ...pipelines } = toyCli.pipelines
const tables: CliTables = { ...toyCli, pipelines }
const run = (...argv: readonly string[]) => captured(tables, ...argv)
const failure = (...argv: readonly string[]) =>
  Effect.map(run(...argv), ({ exit }) => (Exit.isFailure(exit) ? reportOf(exit.cause, false) : { line: "", status: 0 }))
const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

layer(NodeServices.layer)("the command line", (it) => {
  it.effect("helps with every command and says its version", () =>
    Effect.gen(function* () {
      for (const command of ["list", "explain", "stage", "doctor"]) {
        const { text, exit } = yield* run(command, "--help")
        assert.isTrue(Exit.isSuccess(exit))
        assert.include(text, `semmim ${command}`)
      }
      assert.include((yield* run("--version")).text, "1.2.3")
    })
  )

  it.effect("lists pipelines, for people and as JSON", () =>
    Effect.gen(function* () {
      const { text } = yield* run("list")
      assert.deepStrictEqual(
        text.split("\n").map((line) => line.split(/\s+/).slice(0, 4)),
        [
          ["pipeline", "data", "batch", "steps"],
          ["toy", "toy:10", "4", "10"],
          ["large", "toy:999", "64", "10"]
        ]
      )
      const json = JSON.parse((yield* run("list", "--json")).text)
      assert.deepStrictEqual(json.stages, ["letters", "weigh", "judge"])
      assert.strictEqual(json.pipelines[1].name, "large")
    })
  )

  it.effect("explains stages, shapes, parameters, cost and cache", () =>
    Effect.gen(function* () {
      const cache = join(yield* folder, "cache")
      const { text } = yield* run("explain", "toy", "--cache", cache, "--set", "batch=8")
      assert.include(text, "weigh: tensor stage, 30 parameters, noise shake")
      assert.match(text, /teacher\.weights +float32\[batch, width\] +8 × 5/)
      assert.match(text, /a step: \d+ operations, 1\.23 kFLOP/)
      assert.match(text, /letters +0 of 10 +nothing prepared yet/)
      const json = JSON.parse((yield* run("explain", "toy", "--cache", cache, "--json")).text)
      assert.deepStrictEqual(
        json.sets.map(({ name, parameters }: { name: string; parameters: number }) => [name, parameters]),
        [
          ["student", 30],
          ["teacher", 30]
        ]
      )
      assert.strictEqual(json.cache.stages[0].stage, "letters")
    })
  )

  it.effect("explains a pipeline whose data is not at hand", () =>
    Effect.gen(function* () {
      const { text, exit } = yield* run("explain", "toy", "--set", "source.train=elsewhere")
      assert.isTrue(Exit.isSuccess(exit))
      assert.include(text, "cache: unknown, elsewhere: no such data")
      const asked = yield* run("explain", "toy", "--data", "elsewhere")
      assert.isTrue(Exit.isFailure(asked.exit), "what is asked about must be there")
    })
  )

  it.effect("predicts a run's time and memory from steps that it runs on the data that is named", () =>
    Effect.gen(function* () {
      const { text, exit } = yield* run("explain", "toy", "--data", "toy:10", "--engine", "reference", "--workers", "0", "--json")
      assert.isTrue(Exit.isSuccess(exit))
      const { prediction, measures } = JSON.parse(text)
      assert.deepStrictEqual(
        measures.steps.map((step: { readonly batch: number }) => step.batch),
        [2, 4]
      )
      assert.strictEqual(prediction.computeSeconds, measures.steps[1].seconds)
      assert.deepStrictEqual([prediction.firstSteps, prediction.steps], [3, 10])
      assert.isAbove(prediction.runSeconds, 10 * prediction.computeSeconds)
      assert.isAbove(prediction.peakBytes, 1e7)
      assert.isAbove(measures.largestBatch, 1000)
    })
  )

  it.effect("lists settings and draws", () =>
    Effect.gen(function* () {
      const { text } = yield* run("explain", "toy", "--settings", "--set", "batch=8")
      assert.match(text, /^training\.batch +8 +– +whole number ≥ 1$/m)
      assert.match(text, /^weigh\.scales\.depth +1 +1 +whole number ≥ 1$/m)
      assert.include((yield* run("explain", "toy", "--graph")).text, "p0 --> p1")
    })
  )

  it.effect("runs one stage on a recorded input, with the same digest every time", () =>
    Effect.gen(function* () {
      const inside = yield* folder
      const fs = yield* FileSystem.FileSystem
      const [input, output] = [join(inside, "in.json"), join(inside, "out.safetensors")]
      yield* fs.writeFileString(input, JSON.stringify({ captions: ["abcdef", "uvwxyz"] }))
      const host = ["stage", "letters", "--pipeline", "toy", "--cache", join(inside, "cache"), "--input", input]
      const { text } = yield* run(...host, "--key", "1", "--output", output)
      assert.strictEqual((yield* run(...host, "--key", "1")).text, text)
      assert.notStrictEqual((yield* run(...host, "--key", "2")).text, text)
      assert.match((yield* run(...host, "--key", "none")).text, /letters +int32\[6\] +97 98 99 100 …/)
      const next = ["stage", "weigh", "--settings", '{"scales":{"name":"scales","width":2}}', "--input"]
      yield* fs.writeFileString(input, JSON.stringify({ letters: { dtype: "int32", shape: [1, 3], data: [1, 2, 3] } }))
      const { outputs, digest } = JSON.parse((yield* run(...next, input, "--json")).text)
      assert.match(digest, /^[0-9a-f]{64}$/)
      assert.deepStrictEqual(outputs.weights.shape, [1, 2])
      const wrong = yield* failure(...next, output)
      assert.match(wrong.line, /^semmim: weigh: weigh reads 'letters', which should be/)
    })
  )

  it.effect("says what this machine has", () =>
    Effect.gen(function* () {
      const { text } = yield* run("doctor", "--cache", join(yield* folder, "cache"))
      assert.match(text, /✓ +node +v\d+/)
      assert.match(text, /✗ +engine absent +engine absent, loading: cannot find the library that it needs/)
    })
  )

  it.effect("ends with status 2 and one line on wrong usage and settings", () =>
    Effect.gen(function* () {
      const status = (line: string) => ({ line, status: 2 })
      assert.deepStrictEqual(
        yield* failure("explain", "toi"),
        status("semmim: there is no pipeline 'toi'; there is large, toy, or give the path of a .ts file")
      )
      assert.deepStrictEqual(
        yield* failure("explain", "toy", "--set", "batch=-1"),
        status("semmim: --set batch: expected whole number ≥ 1, got -1")
      )
      assert.deepStrictEqual(
        yield* failure("explain", "toy", "--set", "__proto__.x=1"),
        status("semmim: --set __proto__.x: '__proto__' is not a name that a setting can have; explain --settings lists them")
      )
      for (const argv of [["explian"], ["explain"], ["explain", "toy", "--fast"], ["stage", "letters", "--input", "x"]]) {
        const { line, status } = yield* failure(...argv)
        assert.strictEqual(status, 2, line)
        assert.match(line, /^semmim: .+/)
        assert.notInclude(line, "\n")
      }
      const key = yield* failure("stage", "letters", "--pipeline", "toy", "--input", "x", "--key", "zz")
      assert.strictEqual(key.line, "semmim: --key zz: expected 32 hexadecimal digits, a whole number, or none")
    })
  )
})
