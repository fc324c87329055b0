import { appendFileSync } from "node:fs"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { appendSkipped, readSkipped, skippedFile, truncateSkipped } from "../../../lib/run-folder/skipped.ts"

const at = (step: number) => ({ step, epoch: 0, id: `a/${step}`, reason: "shard(x.tar: missing)" })

describe("a run's skipped samples", () => {
  it.live("are named once each, also after the run was cut and resumed", () =>
    Effect.gen(function* () {
      const run = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
      assert.deepStrictEqual(yield* readSkipped(run), [])
      yield* truncateSkipped(run, 0)
      yield* appendSkipped(run, [at(1), at(2)])
      yield* appendSkipped(run, [at(5)])
      appendFileSync(skippedFile(run), '{"step":6,"id":"a/')
      yield* truncateSkipped(run, 2)
      assert.deepStrictEqual(yield* readSkipped(run), [at(1), at(2)])
      yield* appendSkipped(run, [at(5)])
      assert.deepStrictEqual(yield* readSkipped(run), [at(1), at(2), at(5)])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
