import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import type { Source } from "../../../lib/data/source.ts"
import { key } from "../../../lib/random/key.ts"
import { heldOutParts, someOf } from "../../../lib/task/subset.ts"
import { seed } from "../../seed.ts"
import { toySource } from "../../toy/source.ts"

describe("some of a source", () => {
  it("are samples of it, each once, in its order, the same for the same key", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.integer(), (count, of, from) => {
        const source = toySource(of)
        const some = someOf(source, count, key(from))
        assert.strictEqual(some.count, Math.min(count, of))
        const numbers = Array.from({ length: some.count }, (_, i) => Number(some.id(i).split("/")[1]))
        assert.isTrue(numbers.every((n, i) => n < of && (i === 0 || n > numbers[i - 1]!)))
        const again = someOf(source, count, key(from))
        assert.deepStrictEqual(
          numbers,
          Array.from({ length: again.count }, (_, i) => Number(again.id(i).split("/")[1]))
        )
        for (const [i, n] of numbers.entries()) {
          assert.strictEqual(some.group(i), source.group(n))
          assert.deepStrictEqual(Effect.runSync(some.sample(i)), Effect.runSync(source.sample(n)))
        }
      }),
      { seed, numRuns: 50 }
    )
  })

  it("are apart from others by sample and group, and the same whatever the others are", () => {
    const whole = fc.integer({ min: 0, max: 40 })
    fc.assert(
      fc.property(whole, whole, fc.integer({ min: 1, max: 40 }), fc.integer(), (test, validation, of, from) => {
        const source = toySource(of)
        const parts = heldOutParts(source, test, validation, key(from))
        const ids = (part: Source) => Array.from({ length: part.count }, (_, i) => part.id(i))
        const groups = (part: Source) => new Set(Array.from({ length: part.count }, (_, i) => part.group(i)))
        assert.deepStrictEqual(ids(parts.test), ids(someOf(source, test, key(from))))
        assert.isAtMost(parts.validation.count, validation)
        assert.strictEqual(
          new Set([...ids(parts.test), ...ids(parts.validation)]).size,
          parts.test.count + parts.validation.count
        )
        assert.isFalse([...groups(parts.test)].some((group) => groups(parts.validation).has(group)))
        // All that is left where there are too few.
        const left = Array.from({ length: of }, (_, i) => source.group(i)).filter((group) => !groups(parts.test).has(group))
        assert.strictEqual(parts.validation.count, Math.min(validation, left.length))
        assert.deepStrictEqual(ids(heldOutParts(source, test, validation, key(from)).validation), ids(parts.validation))
      }),
      { seed, numRuns: 100 }
    )
  })

  it("have a digest of their own, unless they are all", () => {
    const source = toySource(10)
    assert.notStrictEqual(someOf(source, 5, key(1)).digest, source.digest)
    assert.notStrictEqual(someOf(source, 5, key(1)).digest, someOf(source, 5, key(2)).digest)
    assert.strictEqual(someOf(source, 10, key(1)), source)
  })
})
