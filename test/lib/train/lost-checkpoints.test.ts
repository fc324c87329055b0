import { rmSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { outcomeOf, toyRun } from "../../toy/run.ts"

describe("a run whose checkpoints are gone", () => {
  it.live("starts anew where it is resumed, says so in a line, and ends the same", () =>
    Effect.gen(function* () {
      const inside = yield* Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())
      const folder = join(inside, "run")
      const lines: string[] = []
      const print = (text: string) => void lines.push(text.trimEnd())
      yield* toyRun(folder, { print })
      const before = outcomeOf(folder)
      yield* toyRun(folder, { resume: true, print })
      assert.notInclude(lines.join("\n"), "no checkpoint")
      const last = before.metrics.at(-1)!["step"]
      rmSync(join(folder, "checkpoints"), { recursive: true })
      yield* toyRun(folder, { resume: true, print })
      const said = (metrics: string) => `${folder}: no checkpoint is there to go on from: the run starts anew${metrics}`
      assert.include(lines, said(`, and its metrics, up to step ${last}, are replaced`))
      assert.deepStrictEqual(outcomeOf(folder), before)
      rmSync(join(folder, "checkpoints"), { recursive: true })
      rmSync(join(folder, "metrics.jsonl"))
      yield* toyRun(folder, { resume: true, print })
      assert.include(lines, said(""))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
