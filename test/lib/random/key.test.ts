import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { derive, drawKey, isKey, key, parseKey } from "../../../lib/random/key.ts"
import { seed } from "../../seed.ts"

const part = fc.oneof(
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.integer({ min: -3, max: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true })
)
const parts = fc.array(part, { maxLength: 4 })

/** −0 counts as 0. */
const normal = (list: ReadonlyArray<string | number>) => list.map((item) => (item === 0 ? 0 : item))

describe("key", () => {
  it("is the same on every machine: golden values", () => {
    assert.strictEqual(key(0), "c5210fec111415497c5e33bd1da2aaa7")
    assert.strictEqual(derive(key(0), "a", 1), "b780d73aea0a9bb76c30ac1324994830")
  })

  it("refuses a seed that is not a safe integer", () => {
    for (const bad of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
      assert.throws(() => key(bad), RangeError, `seed: expected a whole number within ±(2^53 − 1), got ${bad}`)
  })

  it("derives one key from equal parts and distinct keys from distinct parts", () => {
    fc.assert(
      fc.property(parts, parts, (left, right) => {
        const same = JSON.stringify(normal(left)) === JSON.stringify(normal(right))
        assert.strictEqual(derive(key(1), ...left) === derive(key(1), ...right), same)
      }),
      { seed, numRuns: 1000 }
    )
  })

  it("tells strings from numbers and one split of a text from another", () => {
    const keys = [
      derive(key(1), "ab", "c"),
      derive(key(1), "a", "bc"),
      derive(key(1), "abc"),
      derive(key(1), "abc", ""),
      derive(key(1), "1"),
      derive(key(1), 1),
      derive(key(1), "\ud800"),
      derive(key(1), "\ud801"),
      derive(key(2), "abc"),
      derive(key(1)),
      key(1)
    ]
    assert.strictEqual(new Set(keys).size, keys.length)
  })

  it("refuses a part that is not finite", () => {
    assert.throws(() => derive(key(1), Number.NaN), RangeError, "key: a part must be a string or a finite number, got NaN")
  })

  it("is a text that reads back as the same key, and other texts are refused", () => {
    const made = derive(key(1), "x")
    assert.strictEqual(parseKey(JSON.parse(JSON.stringify(made))), made)
    assert.isFalse(isKey(made.toUpperCase()))
    assert.throws(() => parseKey("12"), RangeError, "key: expected 32 hexadecimal digits, got '12'")
  })

  it("of a draw depends on the epoch, the sample, the stage and the purpose", () => {
    const site = { epoch: 1, sample: "s", stage: "mask", purpose: "gumbel" }
    const keys = [
      site,
      { ...site, epoch: 2 },
      { ...site, sample: "t" },
      { ...site, stage: "align" },
      { ...site, purpose: "uniform" }
    ].map((at) => drawKey(key(1), at))
    assert.strictEqual(new Set(keys).size, 5)
    assert.strictEqual(drawKey(key(1), { ...site }), keys[0])
  })
})
