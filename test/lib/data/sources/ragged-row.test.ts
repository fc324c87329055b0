import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { openedText } from "./opened.ts"
import { test } from "./scoped-test.ts"

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
