import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { sizeOf } from "../../lib/compiler/program.ts"
import { openBatches } from "../../lib/data/batches.ts"
import { parameterLayout } from "../../lib/model/layout.ts"
import { toData } from "../../lib/pipeline/pipeline.ts"
import { trainingProgram } from "../../lib/train/step.ts"
import { dataTables } from "../../pipelines/stages.ts"
import { tiny } from "../../pipelines/tiny.ts"

const workerUrl = new URL("../../pipelines/worker.ts", import.meta.url)
const twoBatches = (workers: number) =>
  Effect.gen(function* () {
    const job = { pipeline: toData(tiny), seed: 5, cache: null }
    const { next } = yield* openBatches({ job, tables: dataTables, workerUrl, workers, from: 1 })
    return [yield* next, yield* next]
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

describe("batches of a pipeline", () => {
  it.live("are all that the training program is fed, schedules aside, and the same from a worker", () =>
    Effect.gen(function* () {
      const program = trainingProgram(tiny, parameterLayout(tiny), tiny.training.batch)
      const wanted = program.inputs.flatMap(({ name, source, value }) =>
        "feed" in source && !name.startsWith("scalar/") ? [[name, sizeOf(program.values[value]!.shape)] as const] : []
      )
      const here = yield* twoBatches(0)
      const found = Object.entries(here[0]!.feeds).map(([name, numbers]) => [name, numbers.length] as const)
      assert.deepStrictEqual(new Map(found), new Map(wanted))
      assert.deepStrictEqual(yield* twoBatches(1), here)
    })
  )
})
