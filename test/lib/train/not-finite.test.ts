import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { NamedNumbers, Numbers } from "../../../lib/engine/engine.ts"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { stateBuffers } from "../../../lib/model/state-buffers.ts"
import { restore } from "../../../lib/run-folder/checkpoint.ts"
import { nonFinite } from "../../../lib/train/collapse.ts"
import { trainingProgram } from "../../../lib/train/step.ts"
import { goldenBatch, goldenContents, goldenFeeds, goldenLayout, goldenPipeline } from "./golden-run.ts"

const openStep = Effect.gen(function* () {
  const session = yield* onnx.open(stateBuffers(goldenPipeline, goldenLayout), { threads: 1 })
  const step = yield* session.compile("step", trainingProgram(goldenPipeline, goldenLayout, goldenBatch))
  return { session, step }
})

const seen = (outputs: NamedNumbers): boolean => {
  const scalars = Object.fromEntries(Object.entries(outputs).map(([name, numbers]) => [name, numbers[0]!]))
  return nonFinite(1, scalars, []) !== undefined
}

// Kernels of maxima, softmax and clipping may take NaN for a number: each on its own processor. None may hide it from the loop.
describe("a number that is not finite", () => {
  it.live("in any parameter of student or teacher is seen in the step's losses or its gradient's norm", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { session, step } = yield* openStep
        const hidden: string[] = []
        for (const bad of [Number.NaN])
          for (const buffer of ["student", "teacher"])
            for (const slot of goldenLayout.slots.filter((slot) => buffer === "student" || slot.hasTeacher)) {
              const contents = goldenContents()
              contents.get(buffer)![slot.offset] = bad
              yield* restore(session, contents)
              if (!seen(yield* step.run(goldenFeeds(1)))) hidden.push(`${bad} in ${buffer}'s ${slot.name}`)
            }
        assert.deepEqual(hidden, [])
      })
    )
  )
  it.live("in an image is seen alike", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { session, step } = yield* openStep
        for (const name of ["patches", "secondPatches"]) {
          yield* restore(session, goldenContents())
          const feeds: Record<string, Numbers> = { ...goldenFeeds(1) }
          const numbers = feeds[name]!.slice()
          numbers[numbers.length >> 1] = Number.NaN
          feeds[name] = numbers
          assert.isTrue(seen(yield* step.run(feeds)), name)
        }
      })
    )
  )
})
