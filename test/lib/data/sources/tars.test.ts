import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import { desktopFile } from "../../../../lib/data/sources/desktop-files.ts"
import { keyOf } from "../../../../lib/data/sources/tar-samples.ts"
import { ustarHeader } from "../../../../lib/data/tar/tar-header.ts"
import { writeTar } from "../../../../lib/data/tar/write-tar.ts"
import { s3Server } from "../shards/s3-server.ts"
import { folderWith } from "./folder-with.ts"
import { goldenData } from "./golden-data.ts"

const tar = (files: ReadonlyArray<readonly [name: string, content: string]>) =>
  writeTar(files.map(([name, content]) => ({ name, bytes: Buffer.from(content) })))
const pairs = (...keys: readonly string[]) =>
  tar(keys.flatMap((key) => [[`${key}.jpg`, `image ${key}`] as const, [`${key}.txt`, `text ${key}`] as const]))
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

/** Opens a source; what it is, and its samples. */
const opened = Effect.fnUntraced(function* (data: string) {
  const source = yield* openSource(data)
  const samples = yield* Effect.forEach(Array.from({ length: source.count }), (_, index) => source.sample(index))
  return { source, samples: samples.map(({ id, image, captions }) => [id, text(image), ...captions]) }
})

describe("tars of images and texts", () => {
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

  it("have the keys that webdataset gives, where it gives any", () => {
    for (const [name, key, extension] of goldenData.keys)
      if (key !== null) assert.deepStrictEqual(keyOf(name), [key, extension!.toLowerCase()], name)
      else assert.isTrue(desktopFile(name) !== undefined || keyOf(name)[1] === "", name)
  })

  it.effect("pass over what macOS and Windows put between the members", () =>
    Effect.gen(function* () {
      const odd = tar([
        [".DS_Store", "x"],
        ["._0.jpg", "fork"],
        ["0.jpg", "image 0"],
        ["._0.txt", "fork"],
        ["0.txt", "text 0"],
        ["in/._1.jpg", "fork"],
        ["in/1.jpg", "image 1"],
        ["in/._1.txt", "fork"],
        ["in/1.txt", "text 1"],
        ["__MACOSX/in/1.jpg", "fork"],
        ["in/Thumbs.db", "x"],
        ["__meta__/a.json", "{}"],
        ["README", "x"]
      ])
      const folder = yield* folderWith({ "a.tar": odd, "._a.tar": "fork", "._b.parquet": "fork" })
      for (const data of [`${folder}/a.tar`, folder]) {
        const { samples, source } = yield* opened(data)
        assert.deepStrictEqual(samples, [
          ["a/0", "image 0", "text 0"],
          ["a/in/1", "image 1", "text 1"]
        ])
        const counts = new Map(source.issues.map(({ kind, reason, count }) => [`${kind} ${reason}`, count]))
        assert.strictEqual(counts.get("ignored resource fork of macOS"), data === folder ? 7 : 5)
        assert.strictEqual(counts.get("ignored hidden file"), 1)
        assert.strictEqual(counts.get("ignored file of Windows' explorer"), 1)
        assert.strictEqual(counts.get("ignored metadata of WebDataset"), 1)
        assert.strictEqual(counts.get("ignored member without an ending"), 1)
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("lose no sample to dots in a name, and say so", () =>
    Effect.gen(function* () {
      const odd = tar([
        ["shot0.v1.jpg", "p0"],
        ["shot0.v1.txt", "t0"],
        ["shot1.jpg", "p1"],
        ["shot1.txt", "t1"],
        ["shot.2.2021.JPG", "p2"],
        ["shot.2.2021.TXT", "t2"],
        ["shot.3.2021.png", "p3"],
        ["shot.3.2021.json", '{"caption": "t3"}'],
        ["shot.4.2021.png", "p4"],
        ["c.seg.png", "mask"],
        ["c.png", "pc"],
        ["c.txt", "tc"],
        ["c.seg.txt", "of the mask"]
      ])
      const folder = yield* folderWith({ "s.tar": odd })
      const { samples, source } = yield* opened(`${folder}/s.tar`)
      assert.deepStrictEqual(samples, [
        ["s/shot0.v1", "p0", "t0"],
        ["s/shot1", "p1", "t1"],
        ["s/shot.2.2021", "p2", "t2"],
        ["s/shot.3.2021", "p3", "t3"],
        ["s/c", "pc", "tc"]
      ])
      assert.deepStrictEqual(
        source.issues.map(({ kind, reason, count, first }) => [kind, reason, count, first]),
        [
          ["noted", "name with more dots, read as a sample of its own", 3, "s/shot0.v1.jpg"],
          ["ignored", "other member (.png)", 2, "s/shot.4.2021.png"],
          ["ignored", "other member (.txt)", 1, "s/c.seg.txt"]
        ]
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("take absolute names and names with .. for keys, and say so", () =>
    Effect.gen(function* () {
      const odd = tar(
        ["/data/img/0", "../x/1", "a/../../2", "C:\\in\\3", "data/img/0"].flatMap((key) => [
          [`${key}.jpg`, `image ${key}`] as const,
          [`${key}.txt`, `text ${key}`] as const
        ])
      )
      const folder = yield* folderWith({ "s.tar": odd })
      const { samples, source } = yield* opened(`${folder}/s.tar`)
      assert.deepStrictEqual(
        samples.map(([id, , caption]) => [id, caption]),
        [
          ["s/data/img/0", "text /data/img/0"],
          ["s/x/1", "text ../x/1"],
          ["s/a/2", "text a/../../2"],
          ["s/in/3", "text C:\\in\\3"],
          ["s/data/img/0#2", "text data/img/0"]
        ]
      )
      assert.deepStrictEqual(source.issues, [
        { kind: "noted", reason: "name that is absolute or has '..', read as a key", count: 4, first: "s//data/img/0.jpg" }
      ])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("count what they pass over: links, members of other endings, files beside them", () =>
    Effect.gen(function* () {
      const plain = tar([
        ["a.jpg", "image a"],
        ["a.txt", "text a"],
        ["a.json", "{}"],
        ["a.cls", "1"],
        ["b.jpg", "image b"],
        ["b.txt", "text b"],
        ["b.cls", "2"],
        ["labels.npy", "x"]
      ])
      const link = ustarHeader("link.jpg", 0, "2")!
      const folder = yield* folderWith({
        "s.tar": Buffer.concat([link, plain]),
        "s_stats.json": "{}",
        "s.parquet": "x",
        README: "x"
      })
      const { samples, source } = yield* opened(folder)
      assert.strictEqual(samples.length, 2)
      assert.deepStrictEqual(
        source.issues.map(({ kind, reason, count, first }) => [kind, reason, count, first]),
        [
          ["ignored", "other member (.cls)", 2, "s/a.cls"],
          ["ignored", "member that is a link", 1, "s/link.jpg"],
          ["ignored", "other file (.json)", 1, "s_stats.json"],
          ["ignored", "other file (.parquet)", 1, "s.parquet"],
          ["ignored", "other file (without ending)", 1, "README"],
          ["ignored", "other member (.npy)", 1, "s/labels.npy"]
        ]
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("of good samples alone have no issues, and the digest they had before", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith({
        // Names and sizes are what the digest is of.
        "0.tar": tar([
          ["a.jpg", "nine of a"],
          ["a.txt", "text a"],
          ["b.jpg", "nine of b"],
          ["b.txt", "text b"]
        ]),
        "1.tar": tar([
          ["x/c.jpg", "p"],
          ["x/c.json", '{"caption": "c"}'],
          ["x/c.txt", "t"]
        ])
      })
      const { source } = yield* opened(folder)
      assert.deepStrictEqual(
        [source.issues, source.digest],
        [[], "7e35596723eebf86ee3de65041967deb9bd66212d8d72573a8dc856ff7a0221e"]
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("leave out what has no partner, members given twice, and tars that break off, each with a count", () =>
    Effect.gen(function* () {
      const odd = tar([
        ["a.txt", "text a"],
        ["a.jpg", "first"],
        ["a.jpg", "second"],
        ["alone.jpg", "image"],
        ["words.txt", "text"],
        ["c.seg.png", "mask"],
        ["c.png", "image c"],
        ["c.json", '{"captions": ["one", 2, "three"], "text": "no"}'],
        ["a.jpg", "again"],
        ["a.txt", "text again"]
      ])
      const folder = yield* folderWith({ "0.tar": odd, "1.tar": pairs("x").slice(0, 515), "2.tar": pairs("y") })
      const { samples, source } = yield* opened(folder)
      assert.deepStrictEqual(samples, [
        ["0/a", "first", "text a"],
        ["0/c", "image c", "one", "three"],
        ["0/a#2", "again", "text again"],
        ["2/y", "image y", "text y"]
      ])
      assert.deepStrictEqual(
        source.issues.map(({ kind, reason, count, first }) => [kind, reason, count, first.replace(folder, "")]),
        [
          ["bad", "unreadable tar", 1, "/1.tar: truncated within 'x.jpg' at byte 512"],
          ["noted", "member given twice, of which the first counts", 1, "0/a.jpg"],
          ["ignored", "image without a text", 1, "0/alone.jpg"],
          ["ignored", "other member (.png)", 1, "0/c.seg.png"],
          ["ignored", "text without an image", 1, "0/words.txt"]
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
      const expected = ["a", "b", "c"].map((key) => [`${key === "c" ? 1 : 0}/${key}`, `image ${key}`, `text ${key}`])
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
