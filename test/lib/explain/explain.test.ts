import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { explanationText } from "../../../lib/cli/explanation-text.ts"
import { prepareSample, sampleInput } from "../../../lib/data/host/host.ts"
import { hostContextOf } from "../../../lib/data/host/host-context.ts"
import { cachesIn } from "../../../lib/data/host/prepared-cache.ts"
import { openStages } from "../../../lib/data/host/ready-stage.ts"
import { explain } from "../../../lib/explain/explain.ts"
import { explainCache } from "../../../lib/explain/explain-cache.ts"
import { pipelineDigest } from "../../../lib/pipeline/pipeline.ts"
import { ruledPipeline, toyPipeline } from "../../toy/pipeline.ts"
import { openToySource, toySource } from "../../toy/source.ts"

const toy = toyPipeline({ batch: 4, count: 6 })

describe("explain", () => {
  const explanation = explain(toy, { flops: (program) => program.nodes.length, peakBytes: () => 99 })

  it("says what stages read and add, with sizes", () => {
    assert.strictEqual(explanation.digest, pipelineDigest(toy))
    assert.deepStrictEqual(
      explanation.stages.map(({ as, stage, kind, parameters }) => [as, stage, kind, parameters]),
      [
        ["letters", "letters", "host", 0],
        ["teacher.weigh", "momentum(weigh)", "tensor", 30],
        ["weigh", "weigh", "tensor", 30],
        ["judge", "judge", "tensor", 0]
      ]
    )
    assert.deepStrictEqual(explanation.stages[0]!.adds, [
      { name: "letters", type: "int32[letters]", shape: "6" },
      { name: "caption", type: "string", shape: "" }
    ])
    assert.deepStrictEqual(explanation.stages[1]!.adds, [
      { name: "teacher.weights", type: "float32[batch, width]", shape: "4 × 5" }
    ])
  })

  it("lists frozen sets with where they come from, and what they take", () => {
    const digest = "ab".repeat(32)
    const ruled = explain(ruledPipeline("runs/ruler", { digest }))
    assert.deepStrictEqual(ruled.sets[2], {
      ...{ name: "ruler", role: "fixed", parameters: 30, bytes: 4 * 30 },
      ...{ from: "runs/ruler", digest }
    })
    assert.strictEqual(ruled.step!.stateBytes, 4 * 5 * 30)
    const text = explanationText(ruled, { samples: 10, stages: [] })
    assert.match(text, /weights +parameters +memory/)
    assert.match(text, /student +30 +360 B +optimised, with two moments/)
    assert.match(text, /ruler +30 +120 B +frozen, from runs\/ruler \(abababababab…\)/)
  })

  it("counts parameters once, and what a step is fed and keeps", () => {
    assert.deepStrictEqual(explanation.sets, [
      { name: "student", role: "optimised", parameters: 30, bytes: 3 * 4 * 30 },
      { name: "teacher", role: "averaged", parameters: 30, bytes: 4 * 30 }
    ])
    const { nodes, fedBytes, stateBytes, flops, peakBytes } = explanation.step!
    assert.isAbove(nodes, 0)
    assert.strictEqual(flops, nodes)
    assert.strictEqual(peakBytes, 99)
    assert.strictEqual(stateBytes, 4 * 4 * 30)
    // Letters, groups and two noises of five numbers, for four samples; and some scalars.
    const rows = 4 * 4 * (6 + 1 + 2 * 5)
    assert.isTrue(fedBytes > rows && fedBytes < rows + 40, `${fedBytes}`)
  })
})

layer(NodeServices.layer)("explainCache", (it) => {
  it.effect("says what is there, and why the rest is not", () =>
    Effect.gen(function* () {
      const folder = join(yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped(), "cache")
      const state = (count: number, prepare: readonly number[] = [], samples = 10) =>
        Effect.scoped(
          Effect.gen(function* () {
            const source = toySource(samples)
            const hostContext = hostContextOf("toy:10", openToySource, cachesIn(folder))
            const stages = yield* openStages(toyPipeline({ count }), hostContext)
            for (const index of prepare) yield* prepareSample(stages, yield* sampleInput(source, index))
            return yield* explainCache(stages, source, 10)
          })
        )
      const is = (found: number, why: string) => [{ stage: "letters", probed: 10, found, why }]
      assert.deepStrictEqual(yield* state(6), is(0, "nothing prepared yet"))
      assert.deepStrictEqual(yield* state(6, [0, 1, 2]), is(3, "the others are not prepared yet"))
      assert.deepStrictEqual(yield* state(8), is(0, "settings.count was 6, is 8"))
      assert.deepStrictEqual(yield* state(6, [], 1000), is(1, "the others are not prepared yet"))
      assert.deepStrictEqual(yield* state(6, [3, 4, 5, 6, 7, 8, 9]), is(10, "all there"))
    })
  )
})
