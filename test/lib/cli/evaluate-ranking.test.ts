import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit } from "effect"
import type { CliTables } from "../../../lib/cli/tables.ts"
import { DataError } from "../../../lib/data/data-error.ts"
import { openSource } from "../../../lib/data/open-source.ts"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { initialState } from "../../../lib/model/initial.ts"
import { stateBuffers } from "../../../lib/model/state-buffers.ts"
import { type Pipeline, pairs, pipelineDigest } from "../../../lib/pipeline/pipeline.ts"
import { restore, saveCheckpoint } from "../../../lib/run-folder/checkpoint.ts"
import { openRunFolder } from "../../../lib/run-folder/run-folder.ts"
import { retrieval } from "../../../lib/task/retrieval/index.ts"
import type { Leading } from "../../../lib/task/retrieval/leading.ts"
import { dataTables } from "../../../pipelines/stages.ts"
import { temporaryFolder } from "../../temporary-folder.ts"
import { toyCli } from "../../toy/cli.ts"
import { tinyLayout } from "../task/tiny-model.ts"
import { tinyPipeline, tinyScore } from "../task/tiny-pipeline.ts"
import { captured } from "./captured.ts"

const heldOut = "embedded:emoji-held-out"
const pipeline: Pipeline = {
  ...tinyPipeline,
  source: pairs("embedded:emoji", heldOut),
  tasks: [retrieval({ pairs: 12, candidates: 11, score: tinyScore })]
}

/** The held-out data by another name, as a list of its own. */
const respelled = "./embedded:emoji-held-out"

/** The embedded data, of which 40 samples are there, or the held-out data not at all. */
const tablesOf = (reachable = true): CliTables => ({
  ...toyCli,
  ...dataTables,
  engines: { onnx: async () => onnx },
  openSource: (name) =>
    name === heldOut && !reachable
      ? Effect.fail(new DataError({ file: name, problem: "is gone" }))
      : Effect.map(openSource(name === respelled ? heldOut : name), (source) => ({
          ...source,
          name,
          count: 40,
          digest: name === respelled ? "another list" : source.digest
        }))
})
const inside = temporaryFolder("leading")
const folder = (): string => mkdtempSync(join(inside, "l-"))
const cache = ["--cache", join(folder(), "cache")]

const evaluate = Effect.fnUntraced(function* (model: string, more: readonly string[] = [], tables = tablesOf()) {
  const argv = ["evaluate", "retrieval", "--model", model, "--threads", "1", "--batch", "8", "--captions", "1", ...cache, ...more]
  const { text, exit } = yield* captured(tables, ...argv)
  assert.isTrue(Exit.isSuccess(exit), text)
  return text
})
const leadingOf = (model: string, more: readonly string[] = [], tables = tablesOf()) =>
  Effect.map(evaluate(model, ["--json", "--limit", "6", ...more], tables), (text): Leading => JSON.parse(text).retrieval.leading)

/** A run's folder with a checkpoint of random weights. */
const makeRun = Effect.fnUntraced(function* (made: Pipeline = pipeline) {
  const path = join(folder(), "run")
  yield* openRunFolder(path, made, 0, false)
  const session = yield* onnx.open(stateBuffers(pipeline, tinyLayout), { threads: 1 })
  yield* restore(session, initialState(pipeline, tinyLayout, 5))
  const state = { step: 3, pipeline: pipelineDigest(pipeline), seed: 0, engine: "onnx", best: null }
  yield* saveCheckpoint(path, pipeline, tinyLayout, session, state)
  return path
})

const untrained = { name: "itm", loss: 0.64, guess: 0.6365 }
const validation = { data: heldOut, pairs: 20, reranked: 50, cosine: 40 }

/** What an evaluation of the run records: a choice that this model's own pairs would not make up. */
const recorded: Leading = { ranking: "re-ranked", candidates: 11, reason: "it was recorded", validation, untrained }
const record = (run: string, evaluated: string, leading: Leading = recorded): void => {
  const evaluation = JSON.parse(readFileSync(join(evaluated, "evaluation.json"), "utf8"))
  evaluation.retrieval.leading = leading
  writeFileSync(join(run, "evaluation.json"), JSON.stringify(evaluation))
}

layer(NodeServices.layer)("evaluate", (it) => {
  it.effect("re-ranks as many as the pipeline says, and leads with the ranking that validation pairs favour", () =>
    Effect.gen(function* () {
      const run = yield* makeRun()
      const text = yield* evaluate(run)
      const [, first = "", second = "", leading = "", on = "", shared = ""] = text.split("\n")
      const name = /^leading: (cosine alone|re-ranked among 11), since .* on 20 validation pairs of embedded:emoji-held-out: mean/
      const led = name.exec(leading)?.[1]
      assert.isDefined(led, text)
      assert.isTrue(first.startsWith(`${led} `), text)
      assert.deepStrictEqual([first, second].map((row) => row.split("  ")[0]).sort(), ["cosine alone", "re-ranked among 11"])
      assert.match(on, /^40 images and 40 texts/)
      assert.strictEqual(shared, "the pairs that the ranking was chosen on are among them")
      assert.notInclude(yield* evaluate(run, ["--limit", "12"]), "among them")
    })
  )

  it.effect(
    "leads with the ranking that the run chose for these weights and as many candidates, else it chooses",
    () =>
      Effect.gen(function* () {
        const run = yield* makeRun()
        const out = folder()
        const chosen = yield* leadingOf(run, ["--out", out])
        assert.strictEqual(chosen.validation?.pairs, 20)
        record(run, out)
        assert.deepStrictEqual(yield* leadingOf(run), recorded)
        assert.deepStrictEqual(yield* leadingOf(run, ["--data", "embedded:emoji"]), recorded)
        for (const other of [
          ["--set", "candidates=12"],
          ["--weights", "teacher"]
        ])
          assert.strictEqual((yield* leadingOf(run, other)).validation?.pairs, 20)
        // None are scored, however many are asked for.
        record(run, out, { ...recorded, ranking: "cosine", candidates: 0 })
        assert.strictEqual((yield* leadingOf(run, ["--set", "candidates=12"])).reason, "it was recorded")
        writeFileSync(join(run, "evaluation.json"), "{")
        assert.deepStrictEqual(yield* leadingOf(run), chosen)
      }),
    120_000
  )

  it.effect("chooses on pairs that are not measured now where the run had none beside its test's", () =>
    Effect.gen(function* () {
      const run = yield* makeRun({ ...pipeline, tasks: [retrieval({ pairs: 40, candidates: 11, score: tinyScore })] })
      const apart = yield* leadingOf(run)
      assert.strictEqual(apart.validation?.pairs, 20)
      const all = JSON.parse(yield* evaluate(run, ["--json"])).retrieval.leading
      const why = "all 40 held-out samples of embedded:emoji-held-out are measured (retrieval.pairs=40)"
      assert.deepStrictEqual([all.ranking, all.reason], ["cosine", `re-ranking could not be compared with it: ${why}`])
      // Of other data no held-out pair is measured.
      assert.strictEqual((yield* leadingOf(run, ["--data", "embedded:emoji"])).validation?.pairs, 40)
    })
  )

  it.effect(
    "tells by content that the pairs that the ranking was chosen on are measured, whatever the data are called",
    () =>
      Effect.gen(function* () {
        const among = "the pairs that the ranking was chosen on are among them"
        const run = yield* makeRun()
        const named = ["--data", respelled]
        assert.strictEqual((yield* evaluate(run, named)).split("\n").at(-1), among)
        // Where others are left, the choice is made on those.
        assert.notInclude(yield* evaluate(run, [...named, "--limit", "12"]), "among them")
        const out = folder()
        yield* evaluate(run, ["--out", out])
        record(run, out)
        assert.strictEqual((yield* evaluate(run, named)).split("\n").at(-1), among)
        assert.notInclude(yield* evaluate(run, ["--data", "embedded:emoji", "--limit", "6"]), "among them")
        const gone = yield* evaluate(run, ["--data", "embedded:emoji", "--limit", "6"], tablesOf(false))
        assert.match(gone, /\nwhether the pairs that the ranking was chosen on are among them cannot be told: .* is gone\)$/)
        // All that is held out was a test pair of the run, and is measured now.
        const whole = yield* makeRun({ ...pipeline, tasks: [retrieval({ pairs: 40, candidates: 11, score: tinyScore })] })
        const { ranking, reason } = JSON.parse(yield* evaluate(whole, ["--json", ...named])).retrieval.leading
        const why = "40 of 40 held-out pairs of embedded:emoji-held-out are among those measured, by image, id or captions"
        assert.deepStrictEqual([ranking, reason], ["cosine", `re-ranking could not be compared with it: ${why}`])
      }),
    120_000
  )

  it.effect("leads with cosine alone where nothing is recorded and validation pairs are not to be had, and says so", () =>
    Effect.gen(function* () {
      const run = yield* makeRun()
      const { ranking, reason, validation } = yield* leadingOf(run, ["--data", "embedded:emoji"], tablesOf(false))
      assert.deepStrictEqual([ranking, validation], ["cosine", null])
      assert.strictEqual(
        reason,
        "re-ranking could not be compared with it: embedded:emoji-held-out cannot be read (embedded:emoji-held-out: is gone)"
      )
    })
  )

  it.effect(
    "finds the choice in an exported model, whose card has that ranking first",
    () =>
      Effect.gen(function* () {
        const run = yield* makeRun()
        const out = folder()
        yield* evaluate(run, ["--out", out])
        record(run, out)
        const model = join(out, "model")
        const { exit } = yield* captured(tablesOf(), "export", run, "--out", model, ...cache)
        assert.isTrue(Exit.isSuccess(exit))
        assert.deepStrictEqual(JSON.parse(readFileSync(join(model, "config.json"), "utf8")).choices, { retrieval: recorded })
        assert.deepStrictEqual(yield* leadingOf(model), recorded)
        const other = yield* leadingOf(model, ["--set", "candidates=12"])
        assert.strictEqual(other.validation?.pairs, 20)
        // An export has no metrics, only what was recorded of them.
        assert.deepStrictEqual(other.untrained, untrained)
        const card = readFileSync(join(model, "README.md"), "utf8")
        assert.match(
          card,
          /\|---\|\n\| re-ranked among 11 \|.*\n\| cosine alone \|.*\n\n- leading: re-ranked among 11, since it was recorded\n- the matching head has learnt nothing: .*\n\n##/
        )
      }),
    120_000
  )
})
