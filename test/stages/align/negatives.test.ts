import * as tf from "@tensorflow/tfjs"
import fc from "fast-check"
import { assert, beforeAll, describe, it } from "vitest"
import { gumbel } from "../../../lib/random/gumbel.ts"
import { derive, key } from "../../../lib/random/key.ts"
import { named } from "../../../lib/tensor/tensor.ts"
import { drawNegatives } from "../../../stages/align/negatives.ts"
import { seed } from "../../seed.ts"

beforeAll(async () => {
  await tf.setBackend("cpu")
})

const draw = (logits: number[], groups: number[], noise: Float32Array): readonly number[] =>
  tf.tidy(() => {
    const batch = groups.length
    return [
      ...drawNegatives(
        named(tf.tensor2d(logits, [batch, batch]), "batch", "entries"),
        named<["batch"], "int32">(tf.tensor1d(groups, "int32"), "batch"),
        tf.tensor2d(noise, [batch, batch])
      ).dataSync()
    ] as never
  })

const batches = fc.integer({ min: 2, max: 7 }).chain((batch) =>
  fc.record({
    groups: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: batch, maxLength: batch }),
    logits: fc.array(fc.double({ min: -30, max: 30, noNaN: true }), { minLength: batch * batch, maxLength: batch * batch }),
    sample: fc.nat()
  })
)

describe("hard negatives", () => {
  it("are of another group wherever there is one, and never the pair itself", () => {
    fc.assert(
      fc.property(batches, ({ groups, logits, sample }) => {
        const batch = groups.length
        const chosen = draw(logits, groups, gumbel(derive(key(seed), sample), batch * batch))
        const alone = new Set(groups).size === 1
        chosen.forEach((j, b) => {
          assert.isTrue(j >= 0 && j < batch && j !== b)
          if (!alone) assert.notEqual(groups[j], groups[b])
        })
      }),
      { seed, numRuns: 1000 }
    )
  })

  it("are drawn in proportion to the softmax (chi-square)", () => {
    const logits = [0, 1, 2, 0.5]
    const seen = [0, 0, 0, 0]
    const rounds = 2000
    for (let i = 0; i < rounds; i++)
      seen[draw([logits, logits, logits, logits].flat(), [0, 1, 2, 3], gumbel(derive(key(seed), "chi", i), 16))[0]!]!++
    const weights = logits.map((x, j) => (j === 0 ? 0 : Math.exp(x)))
    const total = weights.reduce((a, b) => a + b)
    assert.equal(seen[0], 0)
    const statistic = [1, 2, 3].reduce(
      (sum, j) => sum + (seen[j]! - (rounds * weights[j]!) / total) ** 2 / ((rounds * weights[j]!) / total),
      0
    )
    assert.isBelow(statistic, 27.7) // 2 degrees of freedom, p = 1e-6
  })

  it("survive logits that overflow a softmax", () => {
    assert.deepEqual(draw([1e4, -1e4, -1e4, 1e4], [0, 1], new Float32Array(4)), [1, 0])
  })
})
