import { readFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { thisProcessor } from "../../../lib/machine/processor.ts"
import type { Expected } from "../../../lib/pipeline/expected.ts"
import { overridden } from "../../../lib/pipeline/override.ts"
import { tiny } from "../../../pipelines/tiny.ts"
import { captured } from "./captured.ts"
import { quickRun, tinyCli } from "./tiny-cli.ts"
import { newFolder } from "./tiny-run.ts"

const sets = (...all: readonly string[]): readonly string[] => all.flatMap((set) => ["--set", set])

const cacheOf = (folder: string): readonly string[] => ["--cache", join(folder, "cache")]

/** Runs `tiny` for two steps; gives what it printed and its folder. */
const run = Effect.fnUntraced(function* (more: readonly string[], folder?: string) {
  const inside = yield* newFolder
  const out = folder ?? join(inside, "run")
  const argv = quickRun(2, ["--out", out, ...cacheOf(inside), ...more])
  const { text, exit } = yield* captured(tinyCli, ...argv)
  assert.isTrue(Exit.isSuccess(exit), text)
  return { text, out }
})
const evaluationOf = (out: string) => JSON.parse(readFileSync(join(out, "evaluation.json"), "utf8"))
const untrained = /^the matching head has learnt nothing: its loss 'itm' ended at 0\.[67]\d+, a constant guess has 0\.6365$/m

layer(NodeServices.layer)("a run's evaluation", (it) => {
  it.effect(
    "leads with the ranking that other held-out pairs favour, and says that the matching head has learnt nothing",
    () =>
      Effect.gen(function* () {
        const { text, out } = yield* run(sets("retrieval.pairs=8", "retrieval.candidates=12"))
        const { retrieval, environment } = evaluationOf(out)
        const { leading } = retrieval
        assert.strictEqual(retrieval.images, 8)
        assert.deepInclude(leading.validation, { data: "embedded:emoji-tiny", pairs: 20 })
        assert.strictEqual(leading.candidates, 12)
        assert.strictEqual(leading.ranking, leading.validation.reranked > leading.validation.cosine ? "re-ranked" : "cosine")
        const name = leading.ranking === "cosine" ? "cosine alone" : "re-ranked among 8"
        assert.isTrue(text.split("\n")[1]!.startsWith(name), text)
        assert.include(text, `\nleading: ${name}, since ${leading.reason}\n`)
        assert.match(text, untrained)
        assert.strictEqual(environment.processor, thisProcessor().kind)
        assert.strictEqual(environment.threads, 1)
        const page = readFileSync(join(out, "report.html"), "utf8")
        assert.include(page, `<p>Leading: ${name}, since `)
        assert.match(page, /<p class="warning">The matching head has learnt nothing: its loss &#39;itm&#39; ended at 0\./)
        assert.include(page, `(${thisProcessor().kind})`)

        const again = yield* run([...sets("retrieval.pairs=8", "retrieval.candidates=12"), "--resume", "--json"], out)
        assert.deepStrictEqual(JSON.parse(again.text).retrieval, retrieval)

        const model = ["evaluate", "retrieval", "--model", out, "--threads", "1", "--batch", "8", ...cacheOf(out)]
        const evaluated = yield* captured(tinyCli, ...model)
        assert.match(evaluated.text, untrained)
        assert.include(evaluated.text, `since ${leading.reason}`)
        // Another number of candidates is another choice; what the metrics say stays.
        const other = yield* captured(tinyCli, ...model, "--set", "candidates=11")
        assert.match(other.text, untrained)
        assert.match(other.text, /^leading: .* on 20 validation pairs/m)
      }),
    120_000
  )

  it.effect("leads with cosine alone where no held-out pairs are left, and validates on none of the test's", () =>
    Effect.gen(function* () {
      const { text, out } = yield* run(sets("retrieval.pairs=32", "validateEvery=1"))
      const why = "all 32 held-out samples of embedded:emoji-tiny are measured (retrieval.pairs=32)"
      assert.strictEqual(text.split("\n")[0], `semmim: not validated while training: retrieval: ${why}`)
      assert.strictEqual(evaluationOf(out).retrieval.leading.reason, `re-ranking could not be compared with it: ${why}`)
      const lines = readFileSync(join(out, "metrics.jsonl"), "utf8")
      assert.notInclude(lines, "validation")
    })
  )

  it.effect(
    "is seen in the report beside what other seeds came to, where that was measured of the very same run",
    () =>
      Effect.gen(function* () {
        const values = [10, 20, 30]
        const recalls = { ...{ tr1: values, tr5: values, tr10: values }, ...{ ir1: values, ir5: values, ir10: values } }
        const expected: Expected = {
          seeds: [0, 1, 2],
          metrics: { retrieval: recalls },
          processor: "x64-avx512",
          measured: "once"
        }
        const quick = overridden(tiny, ["batch=4", "steps=1", "retrieval.pairs=8", "align.contrastive.queue=16"], tinyCli)
        const tables = { ...tinyCli, pipelines: { quick: async () => ({ ...quick, expected }) } }
        const page = Effect.fnUntraced(function* (...more: readonly string[]) {
          const out = join(yield* newFolder, "run")
          const { text, exit } = yield* captured(tables, "run", "quick", "--out", out, "--workers", "0", ...cacheOf(out), ...more)
          assert.isTrue(Exit.isSuccess(exit), text)
          return readFileSync(join(out, "report.html"), "utf8")
        })
        assert.include(yield* page("--seed", "7"), "measured on x64-avx512 (once)")
        assert.notInclude(yield* page("--set", "retrieval.pairs=9"), "measured on")
      }),
    120_000
  )

  it.effect("is none where nothing is to be evaluated or held out, and the run says so where it was to validate", () =>
    Effect.gen(function* () {
      const none = yield* run([...sets("retrieval.pairs=0"), "--json"])
      assert.notProperty(JSON.parse(none.text), "retrieval")
      const alone = yield* run(sets("retrieval.pairs=8", "validateEvery=1", "source.heldOut=null"))
      assert.strictEqual(alone.text.split("\n")[0], "semmim: not validated while training: retrieval: tiny has no held-out data")
      assert.notInclude(alone.text, "leading")
    })
  )
})
