import { assert, describe, it } from "@effect/vitest"
import { badSampleWatch, frequentReasons } from "../../../lib/data/bad-samples.ts"

const bad = (from: number, to: number, reason = "truncated") =>
  Array.from({ length: to - from }, (_, i) => ({ id: `s${from + i}`, reason }))

describe("badSampleWatch", () => {
  it("allows one sample of a hundred, and ten in any case", () => {
    const small = badSampleWatch(50)
    assert.isUndefined(small(0, bad(0, 10)))
    assert.isDefined(small(0, bad(10, 11)))
    const large = badSampleWatch(10_000)
    assert.isUndefined(large(0, bad(0, 100)))
    assert.isDefined(large(0, bad(100, 101)))
  })

  it("counts a sample once, and each epoch anew", () => {
    const watch = badSampleWatch(50)
    for (let i = 0; i < 5; i++) assert.isUndefined(watch(0, bad(0, 10)))
    assert.isUndefined(watch(1, bad(20, 30)))
  })

  it("names counts, the limit and the most frequent reasons in one line", () => {
    const watch = badSampleWatch(50)
    const error = watch(3, [...bad(0, 7), ...bad(7, 12, "too-large(99 bytes)")])
    assert.strictEqual(
      error?.message,
      "data: 12 samples could not be used (of 50 in epoch 3; the limit is 10): 7 × truncated (s0), 5 × too-large (s7: 99 bytes)"
    )
  })
})

describe("frequentReasons", () => {
  it("shows three kinds and counts the others", () => {
    const reasons = ["a(1)", "a(2)", "b", "c", "d", "e"].map((reason, i) => ({ id: String(i), reason }))
    assert.strictEqual(frequentReasons(reasons), "2 × a (0: 1), 1 × b (2), 1 × c (3), 2 other reasons")
  })
})
