import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { corpusOf, hostContextOf } from "../../../../lib/data/host/host-context.ts"
import { noCaches } from "../../../../lib/data/host/prepared-cache.ts"
import type { Corpus } from "../../../../lib/data/host/ready-stage.ts"
import { SampleError } from "../../../../lib/pipeline/errors.ts"
import { openToySource, toySource } from "../../../toy/source.ts"

const textsOf = (corpus: Corpus) => Effect.map(Stream.runCollect(corpus), (some) => some.flat())

describe("corpusOf", () => {
  it.live("is all captions in order, without the samples that cannot be read", () =>
    Effect.gen(function* () {
      const source = toySource(3)
      const refuse = (index: number) =>
        index === 1 ? Effect.fail(new SampleError({ id: "toy/1", reason: "gone" })) : source.texts(index, "captions")
      assert.deepStrictEqual(yield* textsOf(corpusOf({ ...source, texts: refuse })), [
        "caption number 0",
        "caption 0 said otherwise",
        "caption number 2",
        "caption 2 said otherwise"
      ])
    })
  )

  it.live("is read some at a time, however many there are, and again", () =>
    Effect.gen(function* () {
      const corpus = corpusOf(toySource(2500))
      const first = yield* Stream.runCollect(corpus)
      assert.isAbove(first.length, 2)
      assert.strictEqual(new Set(first.flat()).size, 5000)
      assert.deepStrictEqual(yield* Stream.runCollect(corpus), first)
      assert.deepStrictEqual(yield* textsOf(corpusOf({ ...toySource(1), count: 0 })), [])
    })
  )
})

describe("hostContextOf", () => {
  it.live("takes texts from the training data, unless another source is named", () =>
    Effect.gen(function* () {
      const { corpus } = hostContextOf("toy:2", openToySource, noCaches)
      assert.lengthOf(yield* Effect.flatMap(corpus(null), textsOf), 4)
      assert.lengthOf(yield* Effect.flatMap(corpus("toy:5"), textsOf), 10)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
