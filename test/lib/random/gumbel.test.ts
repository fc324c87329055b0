import { assert, describe, it } from "@effect/vitest"
import { gumbel } from "../../../lib/random/gumbel.ts"
import { key } from "../../../lib/random/key.ts"
import { assertKeyed, assertPrefixes, mean } from "./prefix.ts"

describe("gumbel", () => {
  it("draws value i independently of how many are drawn", () => assertPrefixes(gumbel))
  it("depends on its key and refuses a bad count", () => assertKeyed("gumbel", gumbel))

  it("is always finite, with the mean (Euler's constant) and variance (π²/6) of the distribution", () => {
    const values = gumbel(key(6), 1_000_000)
    assert.isTrue(values.every(Number.isFinite))
    assert.closeTo(
      mean(values, (x) => x),
      0.57722,
      0.006
    )
    assert.closeTo(
      mean(values, (x) => (x - 0.57722) ** 2),
      Math.PI ** 2 / 6,
      0.02
    )
  })

  it("picks an index with its softmax probability when added to logits", () => {
    const probabilities = [0.5, 0.3, 0.2]
    const noise = gumbel(key(7), 300_000)
    const wins = [0, 0, 0]
    for (let i = 0; i < noise.length; i += 3) {
      const scores = probabilities.map((p, j) => Math.log(p) + noise[i + j]!)
      wins[scores.indexOf(Math.max(...scores))]!++
    }
    for (const [j, p] of probabilities.entries()) assert.closeTo(wins[j]! / 100_000, p, 0.006)
  })

  it("gives the same bytes on every machine: golden values", () => {
    assert.deepStrictEqual([...gumbel(key(0), 3)], [-1.4040485620498657, 0.3625160753726959, 1.1017112731933594])
  })
})
