import { assert, describe, it } from "@effect/vitest"
import { pairs, pipeline } from "../../../lib/pipeline/pipeline.ts"
import type { FitsTask } from "../../../lib/pipeline/task.ts"
import { trainSettings } from "../../../lib/pipeline/training-settings.ts"
import { retrieval } from "../../../lib/task/retrieval/index.ts"
import { zeroShot } from "../../../lib/task/zero-shot/index.ts"
import type { Batched } from "../../../lib/tensor/field.ts"
import type { hostFields } from "../../stages/semmim-stages.ts"
import { toyPipeline } from "../../toy/pipeline.ts"
import { tally } from "../../toy/tally.ts"
import { tinyPipeline, tinyScore } from "../task/tiny-pipeline.ts"

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
const holds = <T extends true>(value: T): T => value
type Sentence =
  | "retrieval reads 'imageEmbedding' (float32[batch, embedding]), which no stage before it adds"
  | "retrieval reads 'textEmbedding' (float32[batch, embedding]), which no stage before it adds"
type Retrieval = ReturnType<typeof retrieval>

describe("a task on a pipeline", () => {
  it("that reads a field which no stage adds is a compile-time error that is a sentence, and the same at run time", () => {
    holds<Same<FitsTask<typeof hostFields, "tensor", Retrieval>, Sentence>>(true)
    type Encoded = Batched<typeof hostFields> & Retrieval["reads"]
    holds<Same<FitsTask<Encoded, "tensor", Retrieval>, Retrieval>>(true)
    // @ts-expect-error the same sentence
    const wrong = () => pipeline("bare", pairs("toy:10")).evaluate(retrieval())
    assert.throws(wrong, "bare: retrieval reads 'imageEmbedding' (float32[batch, embedding]), which no stage before it adds")
  })

  it("is refused for a field that its own stages start from, and for a stage whose name is taken", () => {
    const { chain, ...task } = retrieval({ score: tinyScore })
    const start = pipeline("bare", pairs("toy:10"))
    assert.throws(
      () => start.evaluate({ ...task, reads: {}, chain } as never),
      "bare: retrieval reads 'imageStates' (float32[batch, patches+1, width]), which no stage before it adds"
    )
    const other = { ...tally(), chain }
    const twice = () =>
      start
        .evaluate({ ...other, chain: { ...chain, start: {} } } as never)
        .evaluate({ ...task, reads: {}, chain: { ...chain, start: {} } } as never)
    assert.throws(twice, "bare: two stages are called 'score.fuse'; give one of them another name")
  })

  it("may stand beside others, each once, in the order in which they are measured", () => {
    const written = pipeline("toy", pairs("toy:10")).evaluate(tally({ samples: 3 }))
    const { tasks } = written.train(trainSettings({ batch: 1, steps: 1, learningRate: 0 }))
    assert.deepStrictEqual(
      tasks.map(({ task }) => task),
      ["tally"]
    )
    assert.throws(() => written.evaluate(tally()), "toy: 'tally' is evaluated already; a pipeline has each task once")
    assert.deepStrictEqual(toyPipeline().tasks, [])
    assert.strictEqual(zeroShot({ images: 5 }).task, "zeroShot")
    assert.strictEqual(tinyPipeline.tasks[0]!.chain.stages.length, 2)
  })
})
