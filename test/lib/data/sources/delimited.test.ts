import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { type DelimitedShape, delimitedRows, type RowFacts } from "../../../../lib/data/sources/delimited.ts"
import { seed } from "../../../seed.ts"
import { goldenData } from "./golden-data.ts"

const read = (
  text: string | Uint8Array,
  cuts: readonly number[] = [],
  shape: DelimitedShape = { separator: ",", quotes: true }
) => {
  const rows: (readonly string[])[] = []
  const lines: number[] = []
  const facts: RowFacts[] = []
  const { push, end } = delimitedRows(shape, (fields, line, known) => {
    rows.push([...fields])
    lines.push(line)
    facts.push(known)
    return undefined
  })
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  for (let i = 1; i < places.length; i++) {
    const problem = push(bytes.slice(places[i - 1], places[i]))
    if (problem !== undefined) return problem
  }
  return end() ?? { rows, lines, doubts: facts.map(({ doubt }) => doubt), faults: facts.map(({ fault }) => fault) }
}
const cell = (text: string) => `"${text.replaceAll('"', '""')}"`
const piece = fc.constantFrom('"', ",", "\n", "\r\n", "\r", "a", "ö", "🧑🏽‍🚀", " ", "\t")
const field = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(""))
const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 6 })
const cuts = fc.array(fc.nat(), { maxLength: 12 })

describe("delimitedRows", () => {
  it("reads what Python's csv and pandas read, each told the dialect that is told here from the rows", () => {
    for (const { dialect, separator, text, rows } of goldenData.tables) {
      const found = read(text, [], { separator, quotes: true, width: () => 2 })
      // pandas and csv keep spaces before a plain field out too; here what reads the rows trims them.
      const trimmed =
        typeof found === "string" ? found : found.rows.map((row) => (dialect === "spaces" ? row.map((cell) => cell.trim()) : row))
      assert.deepStrictEqual(trimmed, [...rows], dialect)
    }
  })

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
    assert.deepStrictEqual(typeof found === "string" ? found : [found.rows, found.lines], [
      [
        ["a", 'b "c" d', ""],
        ["xy", "", "z"]
      ],
      [1, 3]
    ])
  })

  it("leaves quotes alone where a format has none", () => {
    const found = read('1.jpg#0\t"Hello" , he\n', [], { separator: "\t", quotes: false })
    assert.deepStrictEqual(typeof found === "string" ? found : found.rows, [["1.jpg#0", '"Hello" , he']])
  })

  it("takes a quote that is never closed for a character, and loses no row to it", () => {
    const found = read('a,b\nc,"d\ne,f\n')
    assert.deepStrictEqual(typeof found === "string" ? found : [found.rows, found.doubts], [
      [
        ["a", "b"],
        ["c", '"d'],
        ["e", "f"]
      ],
      [undefined, "stray", undefined]
    ])
  })

  it("takes a quote for a character whose close stands in a word of another line, wherever the bytes are cut", () => {
    const text = 'x,y\n1,"Hello there\n2,two "quoted" words\n3,"again\n4,"whole, and over\nlines"\n5,five\n'
    const rows = [
      ["x", "y"],
      ["1", '"Hello there'],
      ["2", 'two "quoted" words'],
      ["3", '"again'],
      ["4", "whole, and over\nlines"],
      ["5", "five"]
    ]
    for (let cut = 0; cut < text.length; cut++) {
      const found = read(text, [cut])
      assert.deepStrictEqual(typeof found === "string" ? found : found.rows, rows)
      assert.deepStrictEqual(typeof found === "string" ? found : found.lines, [1, 2, 3, 4, 5, 7])
    }
  })

  it("takes a quote for a character where whole rows would be in a quoted field", () => {
    const isRow = (fields: readonly string[]) => fields.length === 2 && /jpg$/.test(fields[0]!)
    const text = 'f\tc\na.jpg\t"one\nb.jpg\ttwo\nc.jpg\t5" high, 4"\nd.jpg\tfour\n'
    const found = read(text, [], { separator: "\t", quotes: true, isRow })
    assert.deepStrictEqual(typeof found === "string" ? found : found.rows.map(([name]) => name), [
      "f",
      "a.jpg",
      "b.jpg",
      "c.jpg",
      "d.jpg"
    ])
    // The same quote, where the lines inside are no rows.
    const caption = read('f\tc\na.jpg\t"one\ntwo\tand\nthree"\n', [], { separator: "\t", quotes: true, isRow })
    assert.deepStrictEqual(typeof caption === "string" ? caption : [caption.rows[1], caption.doubts[1]], [
      ["a.jpg", "one\ntwo\tand\nthree"],
      "lines"
    ])
  })

  it("reads quotes that a backslash escapes where nothing else makes sense of the row", () => {
    const width = () => 2
    const one = (line: string) => {
      const found = read(`${line}\n`, [], { separator: ",", quotes: true, width })
      return typeof found === "string" ? found : found.rows[0]
    }
    assert.deepStrictEqual(one('a,"say \\"yes\\", then go"'), ["a", 'say "yes", then go'])
    assert.deepStrictEqual(one('a,"\\"yes\\""'), ["a", '"yes"'])
    assert.deepStrictEqual(one('a,"back \\\\ slash \\" quote"'), ["a", 'back \\ slash " quote'])
    assert.deepStrictEqual(one('"C:\\dir\\",x'), ["C:\\dir\\", "x"])
    assert.deepStrictEqual(one('a,"over\nlines \\"with\\" it"'), ["a", 'over\nlines "with" it'])
  })

  it("reads quotes after spaces where nothing else makes sense of the row", () => {
    const width = () => 2
    for (const [line, row] of [
      ['a, "b, c"', ["a", "b, c"]],
      ['a, "b"', ["a", "b"]],
      ['a, "b" and c', ["a", ' "b" and c']],
      [' "a b" , "c"', ["a b", "c"]]
    ] as const) {
      const found = read(`${line}\n`, [], { separator: ",", quotes: true, width })
      assert.deepStrictEqual(typeof found === "string" ? found : found.rows, [row])
    }
  })

  it("reads many stray quotes, and many lines after one, in time that grows with them", () => {
    const started = performance.now()
    const strays = read(Array.from({ length: 30_000 }, (_, i) => `${i},"x\n`).join(""))
    assert.strictEqual(typeof strays === "string" ? strays : strays.rows.length, 30_000)
    const after = read(`0,"x\n${Array.from({ length: 300_000 }, (_, i) => `${i},""\n`).join("")}`)
    assert.strictEqual(typeof after === "string" ? after : after.rows.length, 300_001)
    assert.isBelow(performance.now() - started, 20_000)
  })

  it("gives a line whose bytes are not UTF-8 with the byte and its place, and reads other encodings", () => {
    const bytes = Buffer.concat([Buffer.from("\ufeffa,b\nc,\ufffd\nd,caf"), Buffer.from([0xe9]), Buffer.from("\ne,f")])
    const found = read(bytes)
    assert.deepStrictEqual(typeof found === "string" ? found : found.faults, [undefined, undefined, "byte 0xe9 at 18", undefined])
    const text = 'a,"é\n日本"\r\nb,ü\n'
    for (const [encoding, content] of [
      ["utf-16le", Buffer.from(`\ufeff${text}`, "utf16le")],
      ["utf-16le", Buffer.from(text, "utf16le")],
      ["utf-16be", Buffer.from(text, "utf16le").swap16()]
    ] as const)
      for (const cut of [0, 1, 7]) {
        const other = read(content, [cut], { separator: ",", quotes: true, encoding })
        assert.deepStrictEqual(typeof other === "string" ? other : other.rows, [
          ["a", "é\n日本"],
          ["b", "ü"]
        ])
      }
  })

  it("refuses a line that grows without end", () => {
    const { push } = delimitedRows({ separator: ",", quotes: true }, () => undefined)
    const piece = new TextEncoder().encode("x".repeat(2 ** 20))
    const problems = Array.from({ length: 18 }, () => push(piece)).filter((problem) => problem !== undefined)
    assert.match(problems[0]!, /^line 1: more than 16777216 bytes without an end of line$/)
  })
})
