import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parquetWriteBuffer } from "hyparquet-writer"
import { openSource } from "../../../../lib/data/open-source.ts"
import { writeTar } from "../../../../lib/data/tar/write-tar.ts"
import { image } from "../../cli/odd-images.ts"
import { folderWith } from "./folder-with.ts"

/** The sentence for a file of some content, after the folder's name. */
const said = Effect.fnUntraced(function* (name: string, content: string | Uint8Array, options = "") {
  const folder = yield* folderWith({ [name]: content })
  const error = yield* Effect.flip(openSource(`${folder}/${name}${options}`))
  assert.strictEqual(error._tag, "DataError")
  assert.notInclude(error.message, "\n")
  return error.message.slice(folder.length + 1)
})
const json = (value: unknown) => JSON.stringify(value)

describe("data that is not what it should be", () => {
  it.effect("is refused in one line that says what was found, and what was expected", () =>
    Effect.gen(function* () {
      const jpeg = yield* image(9, "jpeg")
      const cases: ReadonlyArray<readonly [name: string, content: string | Uint8Array, message: RegExp, options?: string]> = [
        ["a.json", "", /^a\.json: an empty file; expected a list/],
        ["a.json", "[", /^a\.json: no JSON: the text breaks off at byte 1$/],
        ["a.json", "[]", /^a\.json: an empty list$/],
        ["a.json", "{}", /^a\.json: an empty list$/],
        ["a.json", "[1]", /^a\.json: a list whose first element is a number; expected \[\{"image", "caption"\}, …\]/],
        ["a.json", json([{ img: 1, text: 2 }]), /: a list whose first element is an object of img, text; expected /],
        [
          "a.json",
          json({ a: { image: "a", caption: "b" } }),
          /: an object with a: an object of image, caption; expected .*COCO's captions/
        ],
        [
          "a.json",
          json([{ image: "a", conversations: [] }]),
          /: none of 1 entries can be used: 1 × caption is missing \(entry 0\): the first entry is an object of image, conversations; name its members by \?image=NAME and \?caption=NAME$/
        ],
        ["a.json", json([{ image: 5, caption: "b" }]), /: none of 1 entries can be used: 1 × image is a number \(entry 0\)$/],
        ["a.json", json([{ image: "a", caption: [5] }]), /: 1 × caption is a list with a number \(entry 0\)$/],
        ["a.json", json([{ id: {}, regions: [] }]), /: 1 × id is an object \(entry 0\)$/],
        [
          "a.json",
          json({ images: [{ id: 1, file_name: "a" }], annotations: [{ image_id: 1, bbox: [] }] }),
          /: none of 2 entries can be used: 1 × caption is missing \(annotations\[0\]\)$/
        ],
        [
          "a.json",
          json({ images: [{ id: 1, file_name: "a" }], annotations: [{ image_id: 2, caption: "c" }] }),
          /: none of 2 entries can be used: 1 × image_id of no image \(annotations\[0\], 2\)$/
        ],
        [
          "a.jsonl",
          '{"a": 1}\n{"a": 2}\n',
          /: JSON lines, the first an object of a; expected \[\{"image", "caption"\}, …\].*, an element a line$/
        ],
        [
          "a.jsonl",
          `{"image": "a", "caption": "b"}\n${'{"image": \n'.repeat(11)}`,
          /: 11 of 12 lines cannot be used \(the limit is 10\): 11 × no JSON \(line 2\)$/
        ],
        [
          "a.json",
          json({ images: [{ filename: "a", split: "test", sentences: [] }] }),
          /: no image of split train or restval; there is test \(1\): choose by \?split=$/
        ],
        ["a.json", json([{ image: "a", caption: "b" }]), /: no entry says its split, so none is test$/, "?split=test"],
        [
          "a.json",
          json([{ image: "a", caption: "b" }]),
          /: no option 'capt' for a list of image and caption; it takes images, encoding, split, image, caption$/,
          "?capt=x"
        ],
        ["a.json", json([{ image: "a", caption: "b" }]), /: images=nowhere: no such folder$/, "?images=nowhere"],
        [
          "a.csv",
          "a,b\n1,2\n",
          /^a\.csv: line 1: found a, b; name the image column by \?image=NAME and the caption column by \?caption=NAME$/
        ],
        ["a.csv", "filepath,title\n", /^a\.csv: no image$/],
        ["a.csv", "filepath,title\n1.jpg,x\n", /: line 1: no column 'text'; there is filepath, title$/, "?caption=text"],
        [
          "a.csv",
          "filepath,title\n1.jpg,x\n",
          /: separator=pipe: expected tab, comma, semicolon, bar, space$/,
          "?separator=pipe"
        ],
        [
          "a.csv",
          `filepath,title\n${"1.jpg\n".repeat(11)}`,
          /: none of 11 rows can be used: 11 × fewer than 2 fields \(line 2\): another separator is named by \?separator=$/
        ],
        ["a.txt", "a secret sentence", /: line 1: no tab, comma, semicolon or bar in it, so no header of a table/],
        [
          "a.token",
          `1.jpg#0\tx\n${"2.jpg\ty\n".repeat(11)}`,
          /: 11 of 12 lines cannot be used \(the limit is 10\): 11 × not NAME\.jpg#NUMBER, a tab and a caption \(line 2\)$/
        ],
        ["a.json", jpeg, /^a\.json: a jpeg image; expected a list \(JSON, CSV, TSV\), a tar, parquet, or a folder$/],
        ["a.json", "<html></html>", /: markup \(HTML, XML or SVG\); expected/],
        ["a.tar", new Uint8Array([0x1f, 0x8b, 8, 0]), /: a gzip file of nothing: unpack it; expected/],
        ["a.zip", "PK\u0003\u0004", /: a zip file; expected/],
        ["a.npy", new Uint8Array([0x93, 0, 1]), /: binary data of no known format; expected/],
        [
          "a.tar",
          writeTar([{ name: "a.txt", bytes: Buffer.from("x") }]),
          /: no sample in any tar; there are 1 × text without an image \(a\/a\.txt\)$/
        ],
        ["a.parquet", "PAR1 is all there is", /: unreadable parquet: /],
        [
          "a.parquet",
          new Uint8Array(parquetWriteBuffer({ columnData: [{ name: "a", data: ["b"] }] })),
          /: no column of images; there is a: name it by \?image=$/
        ],
        [
          "a.parquet",
          new Uint8Array(
            parquetWriteBuffer({
              columnData: [
                { name: "key", data: ["b"] },
                { name: "status", data: ["success"] },
                { name: "url", data: ["u"] }
              ]
            })
          ),
          /: img2dataset's table about images, without the images: name the folder, or the tar beside it$/
        ]
      ]
      for (const [name, content, message, options] of cases) assert.match(yield* said(name, content, options), message)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("is refused as a folder by what is in it", () =>
    Effect.gen(function* () {
      const cases: ReadonlyArray<readonly [files: { readonly [name: string]: string }, message: RegExp]> = [
        [{}, /: a folder with no files; expected shards, \.tar files/],
        [
          { "a.csv": "", "b.csv": "", "in/c.jpg": "" },
          /: a folder with .*2 \.csv, 1 \.jpg.*; expected .*a list is named itself$/
        ],
        [{ "a.tar": "no tar at all", "b.jpg": "" }, /: no readable tar: 1 × unreadable tar \(.*a\.tar: .* at byte 0\)$/],
        [{ "train-0.parquet": "" }, /: no parquet file of split test among 1; choose by \?split=$/]
      ]
      for (const [files, message] of cases) {
        const folder = yield* folderWith(files)
        const options = "train-0.parquet" in files ? "?split=test" : ""
        const error = yield* Effect.flip(openSource(folder + options))
        assert.match(error.message, message)
        assert.notInclude(error.message, "\n")
      }
      for (const missing of ["no/where", "no/where{0..3}.tar", "https://example.org/list.json"]) {
        const error = yield* Effect.flip(openSource(missing))
        assert.match(error.message, /no such data|no readable tar|data is read from this machine/)
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
