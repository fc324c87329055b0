import { assert } from "@effect/vitest"
import fc from "fast-check"
import { derive, type Key, key } from "../../../lib/random/key.ts"
import { seed } from "../../seed.ts"

/** Law of every draw: the first n values of a longer draw are the draw of n values, across the edges of blocks and chunks. */
export const assertPrefixes = (draw: (key: Key, n: number) => ArrayLike<number>): void => {
  const count = fc.oneof(
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 2040, max: 2056 }),
    fc.integer({ min: 4090, max: 8200 })
  )
  fc.assert(
    fc.property(count, count, fc.string(), (a, b, purpose) => {
      const from = derive(key(1), purpose)
      const short = Array.from(draw(from, Math.min(a, b)))
      assert.deepStrictEqual(short, Array.from(draw(from, Math.max(a, b))).slice(0, short.length))
    }),
    { seed, numRuns: 30 }
  )
}

/** Law of every draw: another key gives other values, and a bad count is an error naming the draw. */
export const assertKeyed = (name: string, draw: (key: Key, n: number) => ArrayLike<number>): void => {
  assert.notDeepEqual(Array.from(draw(key(1), 16)), Array.from(draw(key(2), 16)))
  for (const bad of [-1, 0.5, Number.NaN])
    assert.throws(() => draw(key(1), bad), RangeError, `${name}: expected a whole number of values ≥ 0, got ${bad}`)
}

/** The mean of f over values. */
export const mean = (values: Iterable<number>, f: (value: number) => number): number => {
  let sum = 0
  let n = 0
  for (const value of values) {
    sum += f(value)
    n++
  }
  return sum / n
}
