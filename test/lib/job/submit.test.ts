import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { keys } from "../../../lib/job/keys.ts"
import { readContent } from "../../../lib/job/records.ts"
import { submit } from "../../../lib/job/submit.ts"
import { parameterLayout } from "../../../lib/model/layout.ts"
import { decode } from "../../../lib/store/safetensors/safetensors.ts"
import { toyQueues, toyServices, toySubmission } from "../../toy/jobs.ts"
import { type Held, heldJson } from "../../toy/memory-store.ts"

describe("a submission that starts from weights", () => {
  it.effect("has the student and the teacher in its first checkpoint, and records where they come from", () => {
    const held: Held = new Map()
    return Effect.gen(function* () {
      const { urls } = yield* toyQueues()
      const inputs = toySubmission()
      const { size } = parameterLayout(inputs.pipeline).slots[0]!
      const given = (value: number) => new Map([["scales.weight", new Float32Array(size).fill(value)]])
      const weights = { from: "/a/run", "from.sha256": "0123" }
      const { checkpoint } = yield* submit({ ...inputs, start: { student: given(2), teacher: given(3), weights } }, urls)
      const { model, teacher } = JSON.parse(new TextDecoder().decode(yield* readContent("toy", checkpoint)))
      for (const [digest, value] of [
        [model, 2],
        [teacher, 3]
      ] as const) {
        const { tensors } = decode(yield* readContent("toy", digest))
        assert.deepStrictEqual(tensors.get("scales.weight")!.data, given(value).get("scales.weight"))
      }
      assert.deepInclude(heldJson(held, keys.submission("toy")), { weights })
    }).pipe(Effect.scoped, Effect.provide(toyServices(held)))
  })
})
