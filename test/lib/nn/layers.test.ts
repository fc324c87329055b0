import * as tf from "@tensorflow/tfjs"
import fc from "fast-check"
import { assert, beforeAll, describe, it } from "vitest"
import { l2Normalize } from "../../../lib/nn/norm.ts"
import { filled, matrix, noDecay, normal, truncated, unitRows } from "../../../lib/nn/parameter.ts"
import { clsToken, gatherElements, gatherTokens, patchTokens } from "../../../lib/nn/tokens.ts"
import { key } from "../../../lib/random/key.ts"
import { named } from "../../../lib/tensor/tensor.ts"
import { seed } from "../../seed.ts"

beforeAll(async () => {
  await tf.setBackend("cpu")
})

const deviation = (x: Float32Array): number => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length)

describe("how parameters start", () => {
  it("normal and truncated normal have their spread, and depend on the key only", () => {
    const a = normal(0.02)(key(1), [100, 100])
    assert.closeTo(deviation(a), 0.02, 0.0005)
    assert.deepEqual(a, normal(0.02)(key(1), [100, 100]))
    assert.notDeepEqual(a, normal(0.02)(key(2), [100, 100]))
    const cut = truncated(0.02)(key(1), [100, 100])
    assert.isAtMost(Math.max(...cut.map(Math.abs)), 0.04)
    assert.closeTo(deviation(cut), 0.02 * 0.88, 0.0005)
  })

  it("filled and unit rows are what they say; matrices decay, the rest does not", () => {
    assert.deepEqual([...filled(1)(key(1), [3])], [1, 1, 1])
    assert.deepEqual([...filled(0.07)(key(1), [])], [Math.fround(0.07)])
    const rows = unitRows(key(1), [4, 8])
    for (let r = 0; r < 4; r++) assert.closeTo(deviation(rows.subarray(8 * r, 8 * r + 8)) * Math.sqrt(8), 1, 1e-6)
    assert.isTrue(matrix(2, 3, filled(0)).decay)
    assert.isFalse(noDecay([3], filled(0)).decay)
  })
})

describe("l2Normalize", () => {
  it("makes unit vectors, and leaves 0 as it is", () => {
    const x = named(tf.tensor2d([3, 4, 0, 0, -1e-3, 0], [3, 2]), "rows", "width")
    const [a, b, c, d, e, f] = l2Normalize(x).dataSync()
    assert.closeTo(a!, 0.6, 1e-6)
    assert.closeTo(b!, 0.8, 1e-6)
    assert.deepEqual([c, d], [0, 0])
    assert.closeTo(e!, -1, 1e-5)
    assert.equal(f, -0)
  })
})

describe("taking rows", () => {
  const shape = fc.record({
    batch: fc.integer({ min: 1, max: 4 }),
    n: fc.integer({ min: 1, max: 6 }),
    k: fc.integer({ min: 1, max: 5 })
  })
  const width = 3

  it("gatherTokens and gatherElements take each sample's own rows", () => {
    fc.assert(
      fc.property(shape, fc.infiniteStream(fc.nat()), ({ batch, n, k }, stream) => {
        const chosen = Array.from({ length: batch * k }, () => stream.next().value! % n)
        const indices = named<["batch", "k"], "int32">(tf.tensor2d(chosen, [batch, k], "int32"), "batch", "k")
        const x = tf.reshape(tf.range(0, batch * n * width), [batch, n, width])
        const expected = chosen.flatMap((row, i) => [0, 1, 2].map((w) => (Math.floor(i / k) * n + row) * width + w))
        assert.deepEqual([...gatherTokens(named(x, "batch", "n", "w"), indices).dataSync()], expected)
        const ids = named<["batch", "n"], "int32">(tf.reshape(tf.range(0, batch * n, 1, "int32"), [batch, n]), "batch", "n")
        assert.deepEqual(
          [...gatherElements(ids, indices).dataSync()],
          chosen.map((row, i) => Math.floor(i / k) * n + row)
        )
      }),
      { seed, numRuns: 200 }
    )
  })

  it("gatherTokens gives a row taken twice both gradients", () => {
    const indices = named<["batch", "k"], "int32">(tf.tensor2d([1, 1, 0, 2], [2, 2], "int32"), "batch", "k")
    const gradient = tf.grad((x) => tf.sum(gatherTokens(named(x, "batch", "n", "w"), indices)))(tf.ones([2, 3, 1]))
    assert.deepEqual([...gradient.dataSync()], [0, 2, 0, 1, 0, 1])
  })

  it("clsToken and patchTokens part [CLS] from patches", () => {
    const x = named(tf.reshape(tf.range(0, 12), [2, 3, 2]), "batch", "patches+1", "width")
    assert.deepEqual([...clsToken(x).dataSync()], [0, 1, 6, 7])
    assert.deepEqual([...patchTokens(x).dataSync()], [2, 3, 4, 5, 8, 9, 10, 11])
  })
})
