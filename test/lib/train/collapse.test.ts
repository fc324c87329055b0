import { assert, describe, it } from "vitest"
import { collapseWatch, nonFinite } from "../../../lib/train/collapse.ts"

const limit = Math.log(64)
const watching = (patience = 3) => collapseWatch([{ stage: "reconstruct", metric: "teacherEntropy", limit }], patience)
const entropy = (teacherEntropy: number) => ({ teacherEntropy, loss: 1 })

describe("collapseWatch", () => {
  it("stops a run whose teacher sits at one prototype, after as many logged steps as it has patience", () => {
    const watch = watching()
    assert.isUndefined(watch(10, entropy(0.001)))
    assert.isUndefined(watch(20, entropy(0)))
    const error = watch(30, entropy(0.002))
    assert.strictEqual(
      error?.message,
      "step 30: the run has collapsed: teacherEntropy is 0.002000 (between 0 and 4.159) for 3 logged steps"
    )
  })

  it("stops a run whose teacher sits at no prototype at all", () => {
    const watch = watching(1)
    assert.match(watch(5, entropy(limit))!.message, /^step 5: the run has collapsed: teacherEntropy is 4\.159 /)
  })

  it("begins to count anew when it moves away from an end", () => {
    const watch = watching()
    for (const value of [0, 0, 1, 0, 0, limit / 2, limit, limit]) assert.isUndefined(watch(1, entropy(value)))
    assert.isDefined(watch(2, entropy(limit)))
  })

  it("looks at every metric by itself, and at none that is not logged", () => {
    const watch = collapseWatch(
      [
        { stage: "reconstruct", metric: "a", limit: 1 },
        { stage: "reconstruct", metric: "b", limit: 1 }
      ],
      2
    )
    assert.isUndefined(watch(1, { a: 0, b: 0.5 }))
    assert.isUndefined(watch(2, { b: 0 }))
    assert.match(watch(3, { a: 0, b: 0.5 })!.message, /: a is 0\.000 /)
  })
})

describe("nonFinite", () => {
  it("has nothing to say of numbers", () => {
    assert.isUndefined(nonFinite(1, { loss: 0, gradientNorm: 1e30 }, ["a"]))
  })

  it("names the step, what is not finite, all losses, and the samples, eight at most", () => {
    const ids = Array.from({ length: 10 }, (_, i) => `s${i}`)
    assert.strictEqual(
      nonFinite(7, { loss: Number.NaN, itc: 1.23456, mim: Number.POSITIVE_INFINITY }, ids)?.message,
      "step 7: loss, mim not finite (loss=NaN itc=1.235 mim=Infinity); samples: s0 s1 s2 s3 s4 s5 s6 s7 and 2 more"
    )
  })
})
