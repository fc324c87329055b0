import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import { folderWith } from "./folder-with.ts"
import { openedText } from "./opened.ts"
import { test } from "./scoped-test.ts"

describe("a quote in a table", () => {
  test(
    "that nothing closes swallows no row, and is told",
    Effect.gen(function* () {
      const lines = [
        "filepath\ttitle",
        "p0.jpg\tone",
        'p1.jpg\t"unbalanced start',
        "p2.jpg\ttwo",
        'p3.jpg\t"another',
        "p4.jpg\tthree"
      ]
      const expected = {
        samples: [
          ["p0.jpg", "one"],
          ["p1.jpg", '"unbalanced start'],
          ["p2.jpg", "two"],
          ["p3.jpg", '"another'],
          ["p4.jpg", "three"]
        ],
        issues: ["noted 2 × a quote that quotes nothing, taken as a character (line 3)"]
      }
      assert.deepStrictEqual(yield* openedText(lines.join("\n")), expected)
      // Closed at the end of a field far below, as the sign of an inch is.
      const inch = yield* openedText([...lines.slice(0, 4), 'p3.jpg\ta screen of 5"', "p4.jpg\tthree"].join("\n"))
      if (typeof inch === "string") return assert.fail(inch)
      assert.deepStrictEqual(inch.samples.slice(1), [
        ["p1.jpg", '"unbalanced start'],
        ["p2.jpg", "two"],
        ["p3.jpg", 'a screen of 5"'],
        ["p4.jpg", "three"]
      ])
      assert.strictEqual(inch.issues.length, 1)
    })
  )

  test(
    "may have lines in it, and is told where it has separators too",
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* openedText('filepath,title\np0.jpg,"a dog\nruns"\np1.jpg,"over\r\nlines, and on"\n'), {
        samples: [
          ["p0.jpg", "a dog\nruns"],
          ["p1.jpg", "over\r\nlines, and on"]
        ],
        issues: ["noted 1 × a quoted field over several lines with separators in it (line 4)"]
      })
    })
  )
})

describe("the bytes of a table", () => {
  const row = (bytes: readonly number[]) => Buffer.concat([Buffer.from("p9.jpg,caf"), Buffer.from(bytes), Buffer.from("\n")])

  test(
    "that are not UTF-8 are counted with their place, refused when they are many, and read when their encoding is named",
    Effect.gen(function* () {
      const head = Buffer.from("filepath,title\np0.jpg,one\n")
      const one = yield* openedText(Buffer.concat([head, row([0xe9])]))
      assert.deepStrictEqual(one, { samples: [["p0.jpg", "one"]], issues: ["bad 1 × not UTF-8 (line 3, byte 0xe9 at 36)"] })
      const many = Buffer.concat([head, ...Array.from({ length: 11 }, () => row([0xe9]))])
      assert.strictEqual(
        yield* openedText(many),
        "list.txt: 11 of 12 rows cannot be used (the limit is 10): 11 × not UTF-8 (line 3, byte 0xe9 at 36): name the file's encoding by ?encoding=, as ?encoding=windows-1252"
      )
      const named = yield* openedText(many, "?encoding=windows-1252")
      if (typeof named === "string") return assert.fail(named)
      assert.deepStrictEqual(named.samples[1]!.slice(0, 2), ["p9.jpg", "café"])
      assert.match(
        String(yield* openedText(head, "?encoding=utf-99")),
        /: encoding=utf-99: no known encoding; expected a name as windows-1252/
      )
    })
  )

  test(
    "are UTF-16 where a mark says so, and asked about where none does",
    Effect.gen(function* () {
      const text = "filepath\ttitle\np0.jpg\tein größerer Hund – 犬\n"
      const expected = { samples: [["p0.jpg", "ein größerer Hund – 犬"]], issues: [] }
      const little = Buffer.from(text, "utf16le")
      const big = Buffer.from(little).swap16()
      assert.deepStrictEqual(yield* openedText(Buffer.concat([Buffer.from([0xff, 0xfe]), little])), expected)
      assert.deepStrictEqual(yield* openedText(Buffer.concat([Buffer.from([0xfe, 0xff]), big])), expected)
      assert.match(
        String(yield* openedText(big)),
        /: UTF-16 text without a byte order mark \(name its encoding by \?encoding=utf-16be\)/
      )
      assert.deepStrictEqual(yield* openedText(big, "?encoding=utf-16be"), expected)
      assert.match(String(yield* openedText(Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]))), /: UTF-32 text; expected/)
    })
  )

  test(
    "may begin with a mark, and end lines with CRLF or CR alone",
    Effect.gen(function* () {
      for (const end of ["\r\n", "\r", "\n"]) {
        const opened = yield* openedText(`\ufeff${["filepath,title", "p0.jpg,one", 'p1.jpg,"two, three"'].join(end)}${end}`)
        assert.deepStrictEqual(opened, {
          samples: [
            ["p0.jpg", "one"],
            ["p1.jpg", "two, three"]
          ],
          issues: []
        })
      }
    })
  )
})

describe("a list in a cell", () => {
  test(
    "is several captions, however Python, numpy or JSON printed it",
    Effect.gen(function* () {
      const cells = [
        `"['a one', ""it's two""]"`,
        `"['a one' ""it's two""]"`,
        `"[""a one"", ""it's two""]"`,
        `"('a one', ""it's two"", None)"`
      ]
      const opened = yield* openedText(`filepath,captions\n${cells.map((cell, i) => `${i}.jpg,${cell}`).join("\n")}\n`)
      if (typeof opened === "string") return assert.fail(opened)
      for (const [, ...captions] of opened.samples) assert.deepStrictEqual(captions, ["a one", "it's two"])
    })
  )
})

describe("the digest of a table", () => {
  test(
    "is what it was for tables without such doubts, and another where rows are read otherwise than before",
    Effect.gen(function* () {
      const digest = Effect.fnUntraced(function* (text: string) {
        const folder = yield* folderWith({ "a.csv": text, "a.jpg": "" })
        return (yield* openSource(`${folder}/a.csv`)).digest
      })
      // What such a table had before, as the next one did with its caption cut.
      const known = "4c328093af26e2bce5a2c2680b4310b6ef362a02f0539f3477c91494d1359618"
      assert.strictEqual(yield* digest('filepath,title\na.jpg,"one, two"\nb.jpg\nc.jpg,["x"]\n'), known)
      const joined = yield* digest("filepath,title\na.jpg,one, two\n")
      assert.notStrictEqual(joined, "7fe3b2674d2bc3c9b87637fc0d5421fadfd2b82b659319969b42cf3c30856407")
    })
  )
})

describe("a cell with a set, bytes or dicts as Python prints them", () => {
  it.effect("has their texts as captions, and is bad where they have none", () =>
    Effect.gen(function* () {
      const cells = [
        `"{'a', 'b'}"`,
        "b'a dog'",
        `"[{'raw': 'a', 'id': 1}, {'raw': 'b'}]"`,
        `"['a', 5]"`,
        `"{'en': 'a'}"`,
        "{a} dog"
      ]
      const rows = cells.map((cell, i) => `p${i}.jpg,${cell}\n`)
      assert.deepStrictEqual(yield* openedText(`filepath,title\n${rows.join("")}`), {
        samples: [
          ["p0.jpg", "a", "b"],
          ["p1.jpg", "a dog"],
          ["p2.jpg", "a", "b"],
          ["p3.jpg", "a"],
          ["p5.jpg", "{a} dog"]
        ],
        issues: [
          "bad 1 × title is a list with a number (line 5)",
          "bad 1 × title is an object without a text (raw, caption, text) (line 6)"
        ]
      })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
