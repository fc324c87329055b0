import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { type JsonItem, jsonItems } from "../../../../lib/data/sources/json-items.ts"
import { seed } from "../../../seed.ts"

/** Reads a text cut at some places; the items, or the sentence about what is wrong. */
const read = (bytes: Uint8Array, cuts: readonly number[] = []) => {
  const items: JsonItem[] = []
  const { push, end } = jsonItems((item) => void items.push(item))
  const places = [0, ...[...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  for (let i = 1; i < places.length; i++) {
    const problem = push(bytes.slice(places[i - 1], places[i]))
    if (problem !== undefined) return problem
  }
  return end() ?? items
}
const encode = (text: string) => new TextEncoder().encode(text)
const cuts = fc.array(fc.nat(), { maxLength: 12 })
const roots = fc.oneof(fc.array(fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()))
const spaced = fc.constantFrom(undefined, 1, "\t", "  ")

/** What the items of a text are, by a parser that reads it whole. */
const whole = (text: string): readonly JsonItem[] => {
  const value: unknown = JSON.parse(text)
  const elements = (key: string, list: readonly unknown[]) => list.map((each, index) => ({ key, index, value: each }))
  if (Array.isArray(value)) return elements("", value)
  return Object.entries(value as object).flatMap(([key, each]) =>
    Array.isArray(each) ? elements(key, each) : [{ key, index: -1, value: each }]
  )
}
/** An object lists whole numbers among its names first, and a text as it is written. */
const byKey = (items: readonly JsonItem[]) =>
  [...items].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index))

describe("jsonItems", () => {
  it("gives what JSON.parse gives, wherever the text is cut", () => {
    fc.assert(
      fc.property(roots, spaced, cuts, (root, space, places) => {
        const text = ` ${JSON.stringify(root, null, space)}\r\n`
        const items = read(encode(text), places)
        if (typeof items === "string") throw new Error(items)
        assert.deepStrictEqual(byKey(items), byKey(whole(text)))
      }),
      { seed, numRuns: 300 }
    )
  })

  it("refuses every beginning of a text that breaks off, and anything after its end", () => {
    fc.assert(
      fc.property(roots, fc.nat(), cuts, (root, at, places) => {
        const bytes = encode(JSON.stringify(root))
        assert.match(String(read(bytes.subarray(0, at % bytes.length), places)), /^no JSON: /)
        for (const more of ["x", "[", "}", "1", ","])
          assert.match(String(read(encode(JSON.stringify(root) + more))), /^no JSON: /)
      }),
      { seed, numRuns: 200 }
    )
  })

  it("agrees with JSON.parse on texts of brackets, quotes and commas whether they are JSON", () => {
    const pieces = fc.array(fc.constantFrom("[", "]", "{", "}", ",", ":", '"', "\\", "1", "a", " ", "null", '"k"', '"k":'), {
      maxLength: 12
    })
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join("")
        let valid = true
        try {
          const value: unknown = JSON.parse(text)
          valid = typeof value === "object" && value !== null
        } catch {
          valid = false
        }
        assert.strictEqual(typeof read(encode(text)) !== "string", valid, text)
      }),
      { seed, numRuns: 3000 }
    )
  })

  it("says where a text is no JSON, and never what it says", () => {
    const cases = {
      "": /^no JSON: the text breaks off at byte 0$/,
      secret: /^no JSON: 's' where a list or an object is expected at byte 0$/,
      "[1 2]": /^no JSON: '2' where a comma is expected at byte 3$/,
      "[1,]": /^no JSON: '\]' where a value is expected at byte 3$/,
      "[secret]": /^no JSON: a broken value that ends at byte 7$/,
      '{"a" 1}': /^no JSON: '1' where a colon is expected at byte 5$/,
      "{a: 1}": /^no JSON: 'a' where a name is expected at byte 1$/,
      '{"images": [1]': /^no JSON: the text breaks off at byte 14$/
    }
    for (const [text, message] of Object.entries(cases)) assert.match(String(read(encode(text))), message, text)
  })

  it("takes a byte order mark, and a __proto__ for a name like any other", () => {
    assert.deepStrictEqual(read(encode("\ufeff[5]")), [{ key: "", index: 0, value: 5 }])
    const items = read(encode('{"__proto__": {"image": "x"}, "constructor": 1}'))
    assert.deepStrictEqual(Array.isArray(items) && items.map(({ key }) => key), ["__proto__", "constructor"])
    assert.strictEqual(({} as { image?: string }).image, undefined)
  })

  it("takes NaN and Infinity for numbers beyond all, and tells bytes that are not UTF-8, wherever the text is cut", () => {
    const text = encode('{"a": NaN, "list": [-Infinity, {"x": [Infinity, "NaN"]}, "\\"NaN"]}')
    const wrong = Uint8Array.from([...encode('["one", "caf'), 0xe9, ...encode('", ["two"]]')])
    for (let cut = 0; cut <= text.length; cut++) {
      assert.deepStrictEqual(read(text, [cut]), [
        { key: "a", index: -1, value: Infinity },
        { key: "list", index: 0, value: -Infinity },
        { key: "list", index: 1, value: { x: [Infinity, "NaN"] } },
        { key: "list", index: 2, value: '"NaN' }
      ])
      assert.deepStrictEqual(read(wrong, [cut]), [
        { key: "", index: 0, value: "one" },
        { key: "", index: 1, value: undefined, fault: { reason: "not UTF-8", detail: "byte 0xe9 at 12" } },
        { key: "", index: 2, value: ["two"] }
      ])
    }
  })

  it("ends at the first thing that its reader refuses", () => {
    let seen = 0
    const { push } = jsonItems(() => (++seen === 3 ? "no more" : undefined))
    assert.strictEqual(push(encode("[0, 1, 2, 3, 4")), "no more")
    assert.strictEqual(seen, 3)
  })

  it("survives brackets a hundred thousand deep", () => {
    const deep = "[".repeat(100_000)
    assert.match(String(read(encode(deep))), /^no JSON: /)
    const closed = read(encode(`[${deep}${"]".repeat(100_000)}]`))
    assert.isTrue(Array.isArray(closed) || /^no JSON: /.test(String(closed)))
  })
})
