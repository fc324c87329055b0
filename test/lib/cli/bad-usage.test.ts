import { mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { reportOf } from "../../../lib/cli/report-failure.ts"
import { captured } from "./captured.ts"
import { tinyCli } from "./tiny-cli.ts"
import { type Body, newFolder, tinyRun } from "./tiny-run.ts"

const test = (name: string, body: Body) => it.live(name, () => body.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

const usage = Effect.fnUntraced(function* (...argv: readonly string[]) {
  const { exit } = yield* captured(tinyCli, "run", ...argv)
  const { line, status } = Exit.isFailure(exit) ? reportOf(exit.cause, false) : { line: "", status: 0 }
  assert.strictEqual(status, 2, argv.join(" "))
  assert.notInclude(line, "\n")
  return line
})

describe("wrong usage ends with 2 and one line", () => {
  test(
    "for pipelines, engines and flags that there are not",
    Effect.gen(function* () {
      assert.strictEqual(
        yield* usage("nope"),
        "semmim: there is no pipeline 'nope'; there is tiny, or give the path of a .ts file"
      )
      assert.strictEqual(
        yield* usage("__proto__"),
        "semmim: there is no pipeline '__proto__'; there is tiny, or give the path of a .ts file"
      )
      assert.strictEqual(yield* usage("nope/missing.ts"), "semmim: there is no file nope/missing.ts")
      for (const engine of ["nope", "__proto__", "constructor"])
        assert.strictEqual(
          yield* usage("tiny", "--engine", engine),
          `semmim: there is no engine '${engine}', only onnx, reference`
        )
      assert.match(yield* usage("tiny", "--nope"), /--nope.*semmim run --help/)
    })
  )

  test(
    "for settings that there are not or that are of another type, naming the path and what was expected",
    Effect.gen(function* () {
      for (const [set, expected] of [
        [
          "nope=1",
          "--set nope: 'nope' is no training setting, no task and no stage; paths begin with training, source, tokenize, "
        ],
        [
          "encode.model.image.wdth=1",
          "--set encode.model.image.wdth: there is no setting 'wdth'; expected one of kind, width, layers, heads, ratio"
        ],
        ["batch=some", '--set batch: expected whole number ≥ 1, got "some"'],
        ["batch=-1", "--set batch: expected whole number ≥ 1, got -1"],
        ["batch=1.5", "--set batch: expected whole number ≥ 1, got 1.5"],
        ["batch=NaN", '--set batch: expected whole number ≥ 1, got "NaN"'],
        ["batch=null", "--set batch: expected whole number ≥ 1, got null"],
        ["batch", "--set batch: expected PATH=VALUE, e.g. batch=32"],
        ["=1", "--set =1: expected PATH=VALUE, e.g. batch=32"],
        ["momentum=2", "--set momentum: expected number 0 to 1, got 2"]
      ] as const)
        assert.include(yield* usage("tiny", "--set", set), `semmim: ${expected}`)
    })
  )

  test(
    "for names that reach an object's prototype, at any depth and inside a value, and leaves it as it was",
    Effect.gen(function* () {
      for (const name of ["__proto__", "constructor", "prototype"]) {
        const inner = yield* usage("tiny", "--set", `encode.model.${name}.x=1`)
        assert.strictEqual(
          inner,
          `semmim: --set encode.model.${name}.x: '${name}' is not a name that a setting can have; explain --settings lists them`
        )
        assert.include(yield* usage("tiny", "--set", `${name}=1`), `'${name}' is not a name that a setting can have`)
      }
      yield* usage("tiny", "--set", 'lossWeights={"__proto__":{"polluted":1}}')
      assert.isUndefined(({} as Record<string, unknown>)["polluted"])
    })
  )

  test(
    "for numbers out of range",
    Effect.gen(function* () {
      assert.include(yield* usage("tiny", "--workers=-1"), "a whole number ≥ 0, got -1")
      assert.include(yield* usage("tiny", "--threads=0"), "a whole number ≥ 1, got 0")
      assert.include(yield* usage("tiny", "--steps=0"), "--set steps: expected whole number ≥ 1, got 0")
      assert.include(yield* usage("tiny", "--seed=-1"), "--set seed: expected whole number ≥ 0, got -1")
      assert.match(yield* usage("tiny", "--workers=two"), /--workers.*"two"/)
    })
  )
})

describe("a batch that cannot be", () => {
  test(
    "of one pair, from which no negative can be taken, ends with 1 and names the stage",
    Effect.gen(function* () {
      const { line, status } = yield* tinyRun(2, "--set", "batch=1")
      assert.strictEqual(status, 1)
      assert.match(line, /^semmim: \w+: [^\n]+ takes negatives from the batch, so it needs a batch of 2 or more, but it is 1$/)
    })
  )

  test(
    "larger than its queue ends with 1 and names both",
    Effect.gen(function* () {
      const { line, status } = yield* tinyRun(2, "--set", "batch=24")
      assert.strictEqual(status, 1)
      assert.strictEqual(
        line,
        "semmim: align: the loss 'itc' has a queue of 16, which does not hold a batch of 24; it takes 0 or at least that many"
      )
    })
  )
})

describe("data and folders that cannot be used", () => {
  test(
    "end with 1 and one line: no such data, no list, nothing in it",
    Effect.gen(function* () {
      const inside = yield* newFolder
      writeFileSync(join(inside, "list.json"), "{")
      writeFileSync(join(inside, "rows.json"), '[{"image":"a.png"}]')
      writeFileSync(join(inside, "none.json"), "[]")
      mkdirSync(join(inside, "folder"))
      for (const [data, said] of [
        ["embedded:nope", /^semmim: embedded:nope: no such embedded data; there is embedded:emoji, [^\n]+$/],
        [join(inside, "absent"), /absent: no such data: [^\n]+$/],
        [join(inside, "list.json"), /list\.json: no JSON: [^\n]+$/],
        [join(inside, "rows.json"), /rows\.json: none of 1 entries can be used: 1 × caption is missing \(entry 0\)/],
        [join(inside, "none.json"), /none\.json: an empty list$/],
        [join(inside, "folder"), /folder: a folder with no files; expected [^\n]+$/]
      ] as const) {
        const { status, line } = yield* tinyRun(1, "--data", data)
        assert.strictEqual(status, 1, data)
        assert.match(line, said)
      }
    })
  )

  test(
    "end with 1 and one line: a run's folder that is a file, is in one, or cannot be made; a cache likewise",
    Effect.gen(function* () {
      const inside = yield* newFolder
      const file = join(inside, "file")
      writeFileSync(file, "")
      const places = [file, join(file, "run"), ...(process.platform === "linux" ? ["/proc/semmim/run"] : [])]
      for (const out of places) {
        const { status, line } = yield* tinyRun(1, "--out", out)
        assert.strictEqual(status, 1, out)
        assert.match(line, /^semmim: \S+: (EEXIST|ENOTDIR|ENOENT): [^\n]+$/)
      }
      const { line } = yield* tinyRun(1, "--cache", file)
      assert.match(line, /^semmim: \S+file\S*: (EEXIST|ENOTDIR): [^\n]+$/)
    })
  )

  test(
    "stops at a loss that is not finite, with step, losses and samples, and its last good checkpoint stays",
    Effect.gen(function* () {
      const { status, line, folder } = yield* tinyRun(
        4,
        "--set",
        "learningRate=1e30",
        "--set",
        "warmup=0",
        "--set",
        "checkpointEvery=1"
      )
      assert.strictEqual(status, 1)
      assert.match(line, /^semmim: step 2: loss, [^\n]* not finite \(loss=NaN itc=[^\n]+\); samples: noto\/\S+( noto\/\S+){3}$/)
      assert.deepStrictEqual(readdirSync(join(folder, "checkpoints")), ["step-1"])
    })
  )
})
