import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openedText } from "./opened.ts"
import { test } from "./scoped-test.ts"

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
