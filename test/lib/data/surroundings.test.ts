import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { corpusOf, surroundingsOf } from "../../../lib/data/surroundings.ts"
import { SampleError } from "../../../lib/pipeline/errors.ts"
import { noCaches } from "../../../lib/pipeline/prepared-cache.ts"
import { openToySource, toySource } from "../../toy/source.ts"

describe("corpusOf", () => {
  it.live("is all captions in order, without the samples that cannot be read", () =>
    Effect.gen(function* () {
      const source = toySource(3)
      const refuse = (index: number) =>
        index === 1 ? Effect.fail(new SampleError({ id: "toy/1", reason: "gone" })) : source.captions(index)
      assert.deepStrictEqual(yield* corpusOf({ ...source, captions: refuse }), [
        "caption number 0",
        "caption 0 said otherwise",
        "caption number 2",
        "caption 2 said otherwise"
      ])
    })
  )
})

describe("surroundingsOf", () => {
  it.live("takes texts from the training data, unless another source is named", () =>
    Effect.gen(function* () {
      const { corpus } = surroundingsOf("toy:2", openToySource, noCaches)
      assert.lengthOf(yield* corpus(null), 4)
      assert.lengthOf(yield* corpus("toy:5"), 10)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
