import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import { folderWith } from "./folder-with.ts"
import { openedText } from "./opened.ts"

const test = (name: string, body: Effect.Effect<void, unknown, NodeServices.NodeServices | Scope.Scope>) =>
  it.effect(name, () => body.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

describe("a row with more fields than the header", () => {
  test(
    "has the rest of its line for a caption, commas and quotes as written, where the caption is the last column",
    Effect.gen(function* () {
      const rows = 'p0.jpg,a thing, with a comma .\np1.jpg,"Hello", he said\np2.jpg,"quoted, properly"\np3.jpg,plain\n'
      assert.deepStrictEqual(yield* openedText(`image,caption\n${rows}`), {
        samples: [
          ["p0.jpg", "a thing, with a comma ."],
          ["p1.jpg", '"Hello", he said'],
          ["p2.jpg", "quoted, properly"],
          ["p3.jpg", "plain"]
        ],
        issues: ["noted 2 × more fields than the header has, the rest joined to the caption (line 2)"]
      })
    })
  )

  test(
    "is left out and counted where it is not sure which field is which",
    Effect.gen(function* () {
      const good = (separator: string) => Array.from({ length: 3 }, (_, i) => `${i}.jpg${separator}text ${i}`).join("\n")
      const cases = [
        [`filepath\ttitle\n${good("\t")}\n9.jpg\tone\ttwo\n`, "bad 1 × more fields than the header's 2 (line 5)"],
        [
          `title,filepath\n${good(",").replaceAll(/(\d.jpg),(.*)/g, "$2,$1")}\na, b,9.jpg\n`,
          "bad 1 × more fields than the header's 2 (line 5)"
        ],
        [`filepath,title\n${good(",")}\nmy,photo.jpg,one\n`, "bad 1 × more fields than the header's 2 (line 5)"]
      ] as const
      for (const [text, issue] of cases) {
        const opened = yield* openedText(text)
        if (typeof opened === "string") return assert.fail(opened)
        assert.deepStrictEqual([opened.samples.length, opened.issues], [3, [issue]])
      }
      const all = yield* openedText(`filepath\ttitle\n${"1.jpg\tone\ttwo\n".repeat(12)}`)
      assert.strictEqual(
        all,
        "list.txt: none of 12 rows can be used: 12 × more fields than the header's 2 (line 2): give every column a name, or quote fields with a tab"
      )
    })
  )

  test(
    "is no other than the rest where only empty fields, escaped separators or row names are too many",
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* openedText("filepath,title\np0.jpg,one,\np1.jpg,two,,\n,,,\n"), {
        samples: [
          ["p0.jpg", "one"],
          ["p1.jpg", "two"]
        ],
        issues: ["ignored 1 × row of empty fields (line 4)"]
      })
      assert.deepStrictEqual(yield* openedText("filepath\ttitle\np0.jpg\tone\\\ttwo\n"), {
        samples: [["p0.jpg", "one\ttwo"]],
        issues: ["noted 1 × separators escaped by backslashes (line 2)"]
      })
      assert.deepStrictEqual(yield* openedText("filepath,title\n0,p0.jpg,one\n1,p1.jpg,two\n"), {
        samples: [
          ["p0.jpg", "one"],
          ["p1.jpg", "two"]
        ],
        issues: ["noted 2 × a first field that the header does not name, passed over (line 2)"]
      })
    })
  )

  test(
    "is told from one whose quotes a backslash escapes, or stand after a space",
    Effect.gen(function* () {
      const escaped = yield* openedText('filepath,title\np0.jpg,"a \\"nice\\" thing, 0"\n')
      assert.deepStrictEqual(escaped, {
        samples: [["p0.jpg", 'a "nice" thing, 0']],
        issues: ["noted 1 × quotes escaped by backslashes (line 2)"]
      })
      assert.deepStrictEqual(yield* openedText('filepath, title\np0.jpg, "quoted, after space"\n'), {
        samples: [["p0.jpg", "quoted, after space"]],
        issues: ["noted 1 × quotes after spaces (line 2)"]
      })
    })
  )
})

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

describe("the first lines of a table", () => {
  test(
    "may be rows of an image and a caption, Excel's word for the separator, or comments",
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* openedText("p0.jpg,a dog\np1.jpg,a cat, asleep\n"), {
        samples: [
          ["p0.jpg", "a dog"],
          ["p1.jpg", "a cat, asleep"]
        ],
        issues: [
          "noted 1 × more fields than the header has, the rest joined to the caption (line 2)",
          "noted 1 × no header: column 0 is read as the image, 1 as the caption (line 1)"
        ]
      })
      const samples = [["p0.jpg", "a dog"]]
      for (const text of ["sep=;\r\nfilepath;title\r\np0.jpg;a dog\r\n", "# mine\n\nfilepath,title\np0.jpg,a dog\n"])
        assert.deepStrictEqual(yield* openedText(text), { samples, issues: [] })
      const swapped = yield* openedText("a dog\tp0.jpg\na cat\tp1.jpg\n")
      if (typeof swapped === "string") return assert.fail(swapped)
      assert.deepStrictEqual(swapped.samples[0], ["p0.jpg", "a dog"])
    })
  )

  test(
    "are refused in their own terms, and never with a caption",
    Effect.gen(function* () {
      const cases = [
        [
          "p0.jpg,12,a secret\np1.jpg,13,a secret\n",
          /: line 1 is a row and no header: its column 0 of 3 is 'p0\.jpg'; number the columns from 0, as \?image=0&caption=1$/
        ],
        [
          "A secret title\nfilepath,title\np0.jpg,a secret\n",
          /: line 1 is no header, but line 2 is \(filepath, title\): remove what stands before it$/
        ],
        ["a secret sentence\nand another\n", /: line 1: no tab, comma, semicolon or bar in it, so no header of a table/],
        [
          "000123\ta secret of three words\n",
          /: line 1 looks like a row and no header \(2 columns\): name the columns by \?image=NAME and \?caption=NAME, or number them from 0, as \?image=0&caption=1$/
        ],
        ["a,b\n1,2\n", /: line 1: found a, b; name the image column by \?image=NAME and the caption column by \?caption=NAME$/],
        ["filepath,title\n", /: no image$/],
        ["# only\n\n#comments\n", /: only comments and empty lines at its start$/]
      ] as const
      for (const [text, message] of cases) {
        const refused = String(yield* openedText(text))
        assert.match(refused, message)
        assert.notInclude(refused, "secret")
      }
    })
  )

  test(
    "of a table without a header say how many columns there are, and a caption may have commas where they differ",
    Effect.gen(function* () {
      const opened = yield* openedText("p0.jpg,one, two\np1.jpg,three\n", "?image=0&caption=1")
      assert.deepStrictEqual(opened, {
        samples: [
          ["p0.jpg", "one, two"],
          ["p1.jpg", "three"]
        ],
        issues: ["noted 1 × more fields than the header has, the rest joined to the caption (line 1)"]
      })
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

describe("a column that a header names twice", () => {
  it.effect("is the first, which is told where it is one of those that are read", () =>
    Effect.gen(function* () {
      const opened = yield* openedText("filepath,title,title,n,n\np0.jpg,a,b,1,2\n")
      assert.deepStrictEqual(opened, {
        samples: [["p0.jpg", "a"]],
        issues: ["noted 1 × column title given again, of which the first is read (line 1)"]
      })
      assert.include(
        JSON.stringify(yield* openedText("filepath,title,filepath\np0.jpg,a,b\n")),
        "noted 1 × column filepath given again, of which the first is read (line 1)"
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
