import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openFor } from "../../../../lib/data/host/host-context.ts"
import { openSource } from "../../../../lib/data/open-source.ts"
import { sampleKinds } from "../../../../lib/pipeline/sample-kinds.ts"

describe("embedded emoji with labels", () => {
  it.effect("are the pairs with the subgroup of each emoji as its class, of which the held-out ones have no other", () =>
    Effect.gen(function* () {
      const train = yield* openFor(openSource, "embedded:emoji-labels", sampleKinds.labelled)
      const heldOut = yield* openFor(openSource, "embedded:emoji-labels-held-out", sampleKinds.labelled)
      const labelsOf = (source: typeof train) =>
        Effect.forEach(
          Array.from({ length: source.count }, (_, index) => index),
          (index) => Effect.map(source.texts(index, "label"), ([label]) => label!)
        )
      const [known, asked] = [yield* labelsOf(train), yield* labelsOf(heldOut)]
      assert.strictEqual(new Set(known).size, 98)
      assert.deepStrictEqual(
        asked.filter((label) => !known.includes(label)),
        []
      )
      const dog = Array.from({ length: train.count }, (_, index) => index).find((index) => train.id(index) === "noto/1f415")!
      const { id, label, image } = yield* train.sample(dog)
      assert.deepStrictEqual([id, label, image[1]], ["noto/1f415", "animal-mammal", 0x50])
      assert.deepStrictEqual(yield* train.texts(dog, "captions"), ["dog"])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("refuse a pipeline whose source declares what they do not give, by the field and what there is", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(openFor(openSource, "embedded:emoji-tiny", sampleKinds.questions))
      assert.strictEqual(
        error.message,
        "embedded:emoji-tiny: its samples have no 'question' (string), which the pipeline reads; there is image (bytes), captions (strings)"
      )
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
