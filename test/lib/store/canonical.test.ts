import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { canonical } from "../../../lib/store/canonical.ts"
import { seed } from "../../seed.ts"

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== "object" || value === null) return value
  const turned = Object.entries(value).reverse()
  return Object.fromEntries(turned.map(([name, item]) => [name, shuffled(item)]))
}

describe("canonical", () => {
  it("is JSON of the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepStrictEqual(JSON.parse(canonical(value)), JSON.parse(JSON.stringify(value)))
      }),
      { seed, numRuns: 500 }
    )
  })

  it("does not depend on the order of keys, nor on a round trip through JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.strictEqual(canonical(shuffled(value)), canonical(value))
        assert.strictEqual(canonical(JSON.parse(JSON.stringify(value))), canonical(value))
      }),
      { seed, numRuns: 500 }
    )
  })

  it("has one defined text: sorted keys, no white space, ECMAScript's numbers, undefined properties left out", () => {
    const value = { b: [1.0, -0, 1e21, 1e-7, 0.1], a: { é: null, z: true }, B: '"\n', none: undefined }
    assert.strictEqual(canonical(value), '{"B":"\\"\\n","a":{"z":true,"é":null},"b":[1,0,1e+21,1e-7,0.1]}')
  })

  it("names the path of what JSON has no words for", () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    const cases: ReadonlyArray<readonly [unknown, string]> = [
      [{ a: [{ b: Number.NaN }] }, "a[0].b is NaN"],
      [Number.POSITIVE_INFINITY, "the value is Infinity"],
      [[undefined], "[0] is undefined"],
      [{ a: 1n }, "a is a bigint"],
      [{ a: () => 1 }, "a is a function"],
      [{ a: new Map() }, "a is a Map"],
      [{ a: new Date(0) }, "a is a Date"],
      [cycle, "self is inside itself"]
    ]
    for (const [value, words] of cases) assert.throws(() => canonical(value), TypeError, `canonical JSON: ${words}`)
  })

  it("accepts one object in two places", () => {
    const shared = { x: 1 }
    assert.strictEqual(canonical([shared, shared]), '[{"x":1},{"x":1}]')
  })
})
