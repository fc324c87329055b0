import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { delimitedRows } from "../../../../lib/data/sources/delimited.ts"
import { seed } from "../../../seed.ts"

const read = (text: string | Uint8Array, cuts: readonly number[] = [], shape = { separator: ",", quotes: true }) => {
  const rows: (readonly string[])[] = []
  const lines: number[] = []
  const { push, end } = delimitedRows(shape, (fields, line) => {
    rows.push(fields)
    lines.push(line)
    return undefined
  })
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  for (let i = 1; i < places.length; i++) {
    const problem = push(bytes.slice(places[i - 1], places[i]))
    if (problem !== undefined) return problem
  }
  return end() ?? { rows, lines }
}
const cell = (text: string) => `"${text.replaceAll('"', '""')}"`
const piece = fc.constantFrom('"', ",", "\n", "\r\n", "\r", "a", "ö", "🧑🏽‍🚀", " ", "\t")
const field = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(""))
const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 6 })
const cuts = fc.array(fc.nat(), { maxLength: 12 })

describe("delimitedRows", () => {
  it("reads what was written with quotes, wherever the bytes are cut and whatever ends the lines", () => {
    fc.assert(
      fc.property(table, fc.constantFrom("\n", "\r\n"), fc.boolean(), cuts, (rows, ending, last, places) => {
        const text = rows.map((fields) => fields.map(cell).join(",")).join(ending) + (last ? ending : "")
        const found = read(text, places)
        assert.deepStrictEqual(typeof found === "string" ? found : found.rows, rows)
      }),
      { seed, numRuns: 400 }
    )
  })

  it("reads fields without quotes as they stand, and quotes where no field begins", () => {
    const found = read('a,b "c" d,\r\n\n"x"y,"",z\n')
    assert.deepStrictEqual(found, {
      rows: [
        ["a", 'b "c" d', ""],
        ["xy", "", "z"]
      ],
      lines: [1, 3]
    })
  })

  it("leaves quotes alone where a format has none", () => {
    const found = read('1.jpg#0\t"Hello" , he\n', [], { separator: "\t", quotes: false })
    assert.deepStrictEqual(typeof found === "string" ? found : found.rows, [["1.jpg#0", '"Hello" , he']])
  })

  it("says on which line a quote begins that is never closed", () => {
    assert.strictEqual(read('a,b\nc,"d\ne,f\n'), "line 2: a quote that is never closed")
  })

  it("refuses a field that grows without end", () => {
    const { push } = delimitedRows({ separator: ",", quotes: true }, () => undefined)
    const piece = new TextEncoder().encode("x".repeat(2 ** 20))
    const problems = Array.from({ length: 18 }, () => push(piece)).filter((problem) => problem !== undefined)
    assert.match(problems[0]!, /^line 1: a field of more than 16777216 characters$/)
  })
})
