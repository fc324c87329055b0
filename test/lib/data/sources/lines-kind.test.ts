import { gzipSync } from "node:zlib"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { linesKind } from "../../../../lib/data/sources/lines-kind.ts"
import { openedText } from "./opened.ts"
import { test } from "./scoped-test.ts"

const line = (i: number) => JSON.stringify({ image: `p${i}.jpg`, caption: `dog ${i}` })
const samples = [0, 1, 2].map((i) => [`p${i}.jpg`, `dog ${i}`])

describe("a first line that is broken", () => {
  test(
    "is one bad line of JSON lines, whatever it is",
    Effect.gen(function* () {
      for (const first of [
        "{broken",
        "[broken",
        '{"image": "p9.jpg", "caption": "cut',
        "garbage",
        '"text" {',
        "image,caption",
        "{]"
      ]) {
        const text = [first, line(0), line(1), line(2), ""].join("\n")
        const expected = { samples, issues: ["bad 1 × no JSON (line 1)"] }
        assert.deepStrictEqual(yield* openedText(text), expected, first)
        assert.deepStrictEqual(yield* openedText(gzipSync(text)), expected, first)
      }
    })
  )

  test(
    "is one bad line of a token file",
    Effect.gen(function* () {
      for (const first of ["garbage line", "{garbage", "[1]", "p9.jpg\tno number"]) {
        const text = [first, ...[0, 1, 2].map((i) => `p${i}.jpg#0\tdog ${i}`)].join("\n")
        const expected = { samples, issues: ["bad 1 × not NAME.jpg#NUMBER, a tab and a caption (line 1)"] }
        assert.deepStrictEqual(yield* openedText(text), expected, first)
      }
    })
  )

  test(
    "makes no JSON lines of one JSON text, and no list of a table with a header",
    Effect.gen(function* () {
      assert.match(
        String(yield* openedText(`[\n${[line(0), line(1), line(2)].join(",\n")}\nbroken`)),
        /^list\.txt: no JSON: .* at byte \d+$/
      )
      const table = yield* openedText("image\tcaption\np0.jpg#0\tdog 0\np0.jpg#1\tdog 1\n")
      assert.deepStrictEqual((table as { samples: unknown }).samples, [
        ["p0.jpg#0", "dog 0"],
        ["p0.jpg#1", "dog 1"]
      ])
      assert.isUndefined(linesKind(["{"]))
    })
  )

  test(
    "or a later one does not refuse a table without a header",
    Effect.gen(function* () {
      const rows = [0, 1, 2].map((i) => `p${i}.jpg\tdog ${i}`)
      assert.deepStrictEqual(yield* openedText([rows[0], rows[1], "broken", rows[2]].join("\n")), {
        samples,
        issues: [
          "bad 1 × fewer than 2 fields (line 3)",
          "noted 1 × no header: column 0 is read as the image, 1 as the caption (line 1)"
        ]
      })
    })
  )
})
