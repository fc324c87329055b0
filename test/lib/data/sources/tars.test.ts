import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import { keyOf } from "../../../../lib/data/sources/tar-samples.ts"
import { writeTar } from "../../../../lib/data/tar/write-tar.ts"
import { s3Server } from "../shards/s3-server.ts"
import { folderWith } from "./folder-with.ts"

const tar = (files: ReadonlyArray<readonly [name: string, content: string]>) =>
  writeTar(files.map(([name, content]) => ({ name, bytes: Buffer.from(content) })))
const pairs = (...keys: readonly string[]) =>
  tar(keys.flatMap((key) => [[`${key}.jpg`, `picture ${key}`] as const, [`${key}.txt`, `text ${key}`] as const]))
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** Opens a source; what it is, and its samples. */
const opened = Effect.fnUntraced(function* (data: string) {
  const source = yield* openSource(data)
  const samples = yield* Effect.forEach(Array.from({ length: source.count }), (_, index) => source.sample(index))
  return { source, samples: samples.map(({ id, picture, captions }) => [id, text(picture), ...captions]) }
})

describe("tars of pictures and texts", () => {
  it("have keys cut at the first dot of a name, as WebDataset cuts them", () => {
    assert.deepStrictEqual(["a.jpg", "in/a.b.TXT", "in.to/a.seg.png", "none", "in.to/none", ".hidden"].map(keyOf), [
      ["a", "jpg"],
      ["in/a", "b.txt"],
      ["in.to/a", "seg.png"],
      ["none", ""],
      ["in.to/none", ""],
      ["", "hidden"]
    ])
  })

  it.effect("leave out what has no partner, members given twice, and tars that break off, each with a count", () =>
    Effect.gen(function* () {
      const odd = tar([
        ["a.txt", "text a"],
        ["a.jpg", "first"],
        ["a.jpg", "second"],
        ["alone.jpg", "picture"],
        ["words.txt", "text"],
        ["c.seg.png", "mask"],
        ["c.png", "picture c"],
        ["c.json", '{"captions": ["one", 2, "three"], "text": "no"}'],
        ["a.jpg", "again"],
        ["a.txt", "text again"]
      ])
      const folder = yield* folderWith({ "0.tar": odd, "1.tar": pairs("x").slice(0, 515), "2.tar": pairs("y") })
      const { samples, source } = yield* opened(folder)
      assert.deepStrictEqual(samples, [
        ["0/a", "first", "text a"],
        ["0/c", "picture c", "one", "three"],
        ["0/a#2", "again", "text again"],
        ["2/y", "picture y", "text y"]
      ])
      assert.deepStrictEqual(
        source.issues.map(({ kind, reason, count, first }) => [kind, reason, count, first.replace(folder, "")]),
        [
          ["bad", "unreadable tar", 1, "/1.tar: truncated within 'x.jpg' at byte 512"],
          ["noted", "member given twice, of which the first counts", 1, "0/a.jpg"],
          ["ignored", "picture without a text", 1, "0/alone"],
          ["ignored", "text without a picture", 1, "0/words"]
        ]
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("take captions from the member or the field that the user names", () =>
    Effect.gen(function* () {
      const bytes = tar([
        ["a.jpg", "A"],
        ["a.txt", "plain"],
        ["a.json", '{"caption": "short", "long": "longer"}'],
        ["a.alt", "other"]
      ])
      const folder = yield* folderWith({ "a.tar": bytes })
      for (const [options, caption] of [
        ["", "plain"],
        ["?caption=long", "longer"],
        ["?caption=alt", "other"]
      ] as const)
        assert.deepStrictEqual((yield* opened(`${folder}/a.tar${options}`)).samples, [["a/a", "A", caption]])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("of one name in two folders have ids of their own", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith({ "p/0.tar": pairs("x"), "q/0.tar": pairs("x") })
      const { source } = yield* opened(folder)
      assert.strictEqual(new Set([source.id(0), source.id(1)]).size, 2)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("are read from S3, by prefix, by name and by pattern, with blocks for the order of training", () =>
    Effect.gen(function* () {
      const { put } = yield* s3Server
      yield* put("set/0.tar", pairs("a", "b"))
      yield* put("set/1.tar", pairs("c"))
      yield* put("set/notes.txt", Buffer.from("no tar"))
      const expected = ["a", "b", "c"].map((key) => [`${key === "c" ? 1 : 0}/${key}`, `picture ${key}`, `text ${key}`])
      for (const data of ["s3://data/set", "s3://data/set/", "s3://data/set/{0..1}.tar"]) {
        const { samples, source } = yield* opened(data)
        assert.deepStrictEqual(samples, expected)
        assert.deepStrictEqual(Array.from(source.blocks!.starts), [0, 2, 3])
      }
      assert.deepStrictEqual((yield* opened("s3://data/set/1.tar")).samples, expected.slice(2))
      const none = yield* Effect.flip(openSource("s3://data/nothing"))
      assert.match(none.message, /s3:\/\/data\/nothing: no files under it; expected shards, \.tar files or \.parquet files$/)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
