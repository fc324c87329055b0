import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { pythonJson } from "../../../../lib/data/sources/python-json.ts"
import { seed } from "../../../seed.ts"
import { goldenData } from "./golden-data.ts"

/** A golden value, whose `{ float }` are numbers that JSON has no word for. */
const spelled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(spelled)
  if (typeof value !== "object" || value === null) return value
  if ("float" in value) return value.float === "-inf" ? -Infinity : Infinity
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, spelled(each)]))
}

describe("JSON as Python writes it", () => {
  it("has NaN and Infinity outside strings only, each read as a number beyond all", () => {
    const parse = pythonJson()
    for (const again of [1, 2])
      for (const { text, value } of goldenData.numbers) assert.deepStrictEqual(parse(text), spelled(value), `${again} ${text}`)
  })

  it("is read as JSON.parse reads what has none of them", () => {
    const parse = pythonJson()
    assert.deepStrictEqual(parse('[NaN, "x"]'), [Infinity, "x"])
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        assert.deepStrictEqual(parse(text), JSON.parse(text))
      }),
      { seed, numRuns: 300 }
    )
  })

  it("refuses what is no JSON even so, and takes long strings", () => {
    for (const text of ["[NaN", "nan", "[NaNN]", "{NaN: 1}", '["NaN" NaN]', "[Infinityx]"])
      assert.throws(() => pythonJson()(text), SyntaxError)
    const long = '\\"NaN'.repeat(1_000_000)
    assert.deepStrictEqual(pythonJson()(`["${long}", NaN]`), [JSON.parse(`"${long}"`), Infinity])
  })
})
