import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit, FileSystem } from "effect"
import { reportOf } from "../../../../lib/cli/report-failure.ts"
import { openBatches } from "../../../../lib/data/batches.ts"
import { withStageFiles, withStagesOf } from "../../../../lib/data/host/own-stages.ts"
import { toData } from "../../../../lib/pipeline/pipeline.ts"
import { toyCli } from "../../../toy/cli.ts"
import { definition } from "../../../toy/letters.ts"
import { toyTables } from "../../../toy/pipeline.ts"
import { captured } from "../../cli/captured.ts"
import { own } from "../../pipeline/files/own.ts"

const file = fileURLToPath(new URL("../../pipeline/files/own.ts", import.meta.url))
const workerUrl = new URL("../../../toy/worker.ts", import.meta.url)
const cli = (...argv: readonly string[]) => captured(toyCli, ...argv)
const failure = (...argv: readonly string[]) =>
  Effect.map(cli(...argv), ({ exit }) => (Exit.isFailure(exit) ? reportOf(exit.cause, false).line : ""))

layer(NodeServices.layer)("stages of the user's own", (it) => {
  it.effect("are known beside those that are there", () =>
    Effect.gen(function* () {
      const tables = yield* withStageFiles(toyTables, [file, file])
      assert.deepStrictEqual(Object.keys(tables.stages), [...Object.keys(toyTables.stages), "spell"])
      assert.strictEqual(tables.openSource, toyTables.openSource)
    })
  )

  it.effect("are refused in one line where they are none, or have the name of another", () =>
    Effect.sync(() => {
      const refusal = (stages: unknown) => {
        try {
          withStagesOf(toyTables, "my.ts", { stages })
        } catch (error) {
          return (error as Error).message
        }
        return ""
      }
      assert.strictEqual(refusal([definition]), "")
      assert.strictEqual(refusal({ definition }), "my.ts: stages is no list of { name, settings, make }")
      assert.strictEqual(refusal([definition, { name: "x" }]), "my.ts: stages[1] is no { name, settings, make }")
      assert.strictEqual(refusal([{ ...definition }]), "my.ts: there is a stage 'letters' already")
      assert.strictEqual(refusal([{ ...definition, name: "__proto__" }]), "my.ts: stages[0]: '__proto__' is no name for a stage")
      assert.strictEqual(refusal([{ ...definition, name: "a.b" }]), "my.ts: stages[0]: 'a.b' is no name for a stage")
    })
  )

  it.effect("make batches in workers, the same as in the main thread", () =>
    Effect.gen(function* () {
      const job = { pipeline: toData(own), seed: 3, cache: null, stageFiles: [file] }
      const first = (workers: number) =>
        Effect.scoped(Effect.flatMap(openBatches({ job, tables: toyTables, workerUrl, workers, from: 0 }), ({ next }) => next))
      const [alone, threaded] = [yield* first(0), yield* first(1)]
      assert.deepStrictEqual(threaded.feeds, alone.feeds)
      assert.strictEqual(alone.feeds["letters"]?.length, 16)
    })
  )

  it.effect("are found by commands: in the pipeline's file, and for a pipeline as data in a file that is named", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const folder = yield* fs.makeTempDirectoryScoped()
      const [input, data] = [join(folder, "in.json"), join(folder, "pipeline.json")]
      yield* fs.writeFileString(input, JSON.stringify({ captions: ["abcdef"] }))
      yield* fs.writeFileString(data, JSON.stringify(toData(own)))
      const common = ["--cache", join(folder, "cache"), "--input", input, "--key", "none"]
      const { text } = yield* cli("stage", "spell", "--pipeline", file, ...common)
      assert.match(text, /letters +int32\[4\] +97 98 99 100/)
      assert.strictEqual((yield* cli("stage", "spell", "--pipeline", data, "--stages", file, ...common)).text, text)
      assert.include((yield* cli("explain", file, "--set", "spell.count=2", "--settings")).text, "spell.count")
      // Data alone never leads to a file of code.
      assert.match(yield* failure("stage", "spell", "--pipeline", data, ...common), /there is no stage 'spell', only/)
    })
  )
})
