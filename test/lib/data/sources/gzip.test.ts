import { gzipSync } from "node:zlib"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import { writeTar } from "../../../../lib/data/tar/write-tar.ts"
import { folderWith } from "./folder-with.ts"
import { openedText } from "./opened.ts"

describe("a list in gzip", () => {
  it.effect("is read as what is in it, with the digest of that", () =>
    Effect.gen(function* () {
      const lists = [
        "filepath,title\na.jpg,one\n",
        '[{"image": "a.jpg", "caption": "one"}]',
        '{"image": "a.jpg", "caption": "one"}\n{"image": "a.jpg", "caption": "two"}\n',
        "a.jpg#0\tone\n",
        '{"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [{"image_id": 1, "caption": "one"}]}'
      ]
      for (const text of lists) {
        const plain = yield* openedText(text)
        assert.deepStrictEqual(yield* openedText(gzipSync(text)), plain)
        if (typeof plain === "string") return assert.fail(plain)
        assert.strictEqual(plain.samples[0]![1], "one")
        const folder = yield* folderWith({ list: text, "list.gz": gzipSync(text), "a.jpg": "" })
        assert.strictEqual((yield* openSource(`${folder}/list.gz`)).digest, (yield* openSource(`${folder}/list`)).digest)
      }
      const parts = Buffer.concat([gzipSync("filepath,title\na.jpg,one\n"), gzipSync("b.jpg,two\n")])
      const both = yield* openedText(parts)
      assert.strictEqual(typeof both === "string" ? both : both.samples.length, 2)
      const large = Array.from({ length: 30_000 }, (_, i) => `${i}.jpg,a caption of number ${i}\n`)
      const many = yield* openedText(gzipSync(`filepath,title\n${large.join("")}`))
      assert.strictEqual(typeof many === "string" ? many : many.samples.length, 30_000)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("is refused where it is broken, and anything else in gzip by what it is", () =>
    Effect.gen(function* () {
      const table = gzipSync(`filepath,title\n${Array.from({ length: 5000 }, (_, i) => `${i}.jpg,${Math.sin(i)}\n`).join("")}`)
      assert.match(
        String(yield* openedText(table.subarray(0, table.length / 2))),
        /: a damaged gzip file \(unexpected end of file\): fetch or pack it anew$/
      )
      const crc = Buffer.from(gzipSync("filepath,title\n0.jpg,one\n"))
      crc[crc.length - 8]! ^= 1
      const said = "list.txt: a damaged gzip file (incorrect data check): fetch or pack it anew"
      assert.strictEqual(yield* openedText(crc), said)
      // Only what is read at last tells it of a large file.
      const large = Buffer.from(
        gzipSync(`filepath,title\n${Array.from({ length: 40_000 }, (_, i) => `${i}.jpg,${i * 7919}\n`).join("")}`)
      )
      large[large.length - 8]! ^= 1
      assert.isAbove(large.length, 2 ** 16)
      assert.strictEqual(yield* openedText(large), said)
      const tar = gzipSync(writeTar([{ name: "a.jpg", bytes: Buffer.from("A") }]))
      assert.match(String(yield* openedText(tar)), /: a gzip file of a tar: unpack it; expected a list/)
      assert.match(String(yield* openedText(gzipSync("PAR1 and so on"))), /: a gzip file of parquet: unpack it; expected/)
      assert.match(String(yield* openedText(gzipSync(""))), /: a gzip file of nothing: unpack it; expected/)
      assert.match(
        String(yield* openedText(gzipSync(Buffer.alloc(2 ** 22)))),
        /: a gzip file of binary data of no known format: unpack it/
      )
      assert.match(String(yield* openedText(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]))), /: a zstd file; expected/)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
