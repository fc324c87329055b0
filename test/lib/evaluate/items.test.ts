import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { RawSample, Source } from "../../../lib/data/source.ts"
import { listItems, textInput } from "../../../lib/evaluate/items.ts"
import { SampleError } from "../../../lib/pipeline/errors.ts"

const picture = (byte: number) => Uint8Array.of(byte)

const sourceOf = (samples: readonly (RawSample | SampleError)[]): Source => ({
  name: "test",
  count: samples.length,
  digest: "",
  credits: [],
  issues: [],
  id: (index) => samples[index]!.id,
  group: (index) => (samples[index] as RawSample).group,
  captions: (index) => Effect.succeed((samples[index] as RawSample).captions),
  sample: (index) => {
    const sample = samples[index]!
    return sample instanceof SampleError ? Effect.fail(sample) : Effect.succeed(sample)
  },
  sampleDigest: () => Effect.succeed("")
})

describe("the items of an evaluation", () => {
  it.effect("count a picture listed once for each caption once, and a text that a group has twice once", () =>
    Effect.gen(function* () {
      const items = yield* listItems(
        sourceOf([
          { id: "a", group: 1, picture: picture(1), captions: ["one", "uno"] },
          { id: "a#2", group: 1, picture: picture(1), captions: ["eins", "one"] },
          { id: "b", group: 1, picture: picture(2), captions: ["one"] },
          { id: "c", group: 2, picture: picture(1), captions: ["one"] }
        ]),
        []
      )
      assert.deepStrictEqual(items.pictures, [
        { index: 0, id: "a", group: 1 },
        { index: 2, id: "b", group: 1 },
        { index: 3, id: "c", group: 2 }
      ])
      assert.deepStrictEqual(
        items.texts.map(({ text, group }) => `${group} ${text}`),
        ["1 one", "1 uno", "1 eins", "2 one"]
      )
    })
  )

  it.effect("leave out samples that cannot be used, by name and reason, and captions over the limit", () =>
    Effect.gen(function* () {
      const bad = new SampleError({ id: "bad", reason: "truncated" })
      const items = yield* listItems(sourceOf([bad, { id: "b", group: 7, picture: picture(0), captions: ["x", "y"] }]), [], 1)
      assert.deepStrictEqual(items.skipped, [{ id: "bad", reason: "truncated" }])
      assert.deepStrictEqual(items.texts, [{ text: "x", id: "b", group: 7 }])
    })
  )

  it.effect("give host stages a text as a sample with one caption", () =>
    Effect.gen(function* () {
      const input = textInput({ text: "a cat", id: "b", group: 7 })
      assert.deepStrictEqual((yield* input.raw).captions, ["a cat"])
      assert.notStrictEqual(yield* input.digest, yield* textInput({ text: "a dog", id: "b", group: 7 }).digest)
    })
  )
})
