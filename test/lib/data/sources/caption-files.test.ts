import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeTar } from "../../../../lib/data/tar/write-tar.ts"
import { inspectSource } from "../../../../lib/inspect/inspect-source.ts"
import { folderWith } from "./folder-with.ts"
import { summaryOf } from "./opened.ts"

const latin = (text: string) => Buffer.from(text, "latin1")
const notUtf8 = { reason: "not-utf8(byte 0xe9 at 3; the texts' encoding is named by ?encoding=)" }

/** Texts beside images, and what is read of each. */
const cases = {
  "latin.txt": [latin("caf\xe9\n"), [notUtf8]],
  "latin.json": [
    latin('{"caption": "caf\xe9"}'),
    [{ reason: "not-utf8(byte 0xe9 at 16; the texts' encoding is named by ?encoding=)" }]
  ],
  "list.txt": [Buffer.from("['a one', \"it's two\"]\n"), ["a one", "it's two"]],
  "mark.txt": [Buffer.from("\ufeffone\r\n\r\ntwo\r\n"), ["one", "two"]],
  "nan.json": [Buffer.from('{"score": NaN, "caption": "of NaN"}'), ["of NaN"]],
  "no.json": [Buffer.from('{"caption": "secret"'), [{ reason: "broken-json" }]],
  "null.json": [Buffer.from('{"captions": null, "caption": null, "text": " "}'), [{ reason: "no-caption" }]],
  "spaces.txt": [Buffer.from(" \n\t\r\n"), [{ reason: "no-caption" }]],
  "texts.json": [Buffer.from('{"captions": ["one", null, "two", NaN]}'), ["one", "two"]],
  "wide.txt": [Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from("größer\n犬", "utf16le")]), ["größer", "犬"]]
} as const
const base = (name: string) => name.replace(/\..*$/, "")

describe("a text beside an image", () => {
  it.effect("is decoded strictly, in a folder and in a tar, and says what is wrong with it", () =>
    Effect.gen(function* () {
      const pairs = Object.entries(cases).flatMap(([name, [bytes]]) => [
        [`${base(name)}.jpg`, Buffer.from("P")] as const,
        [name, bytes] as const
      ])
      // Two texts of one name would be one sample.
      const named = pairs.map(([name, bytes]) => [name === "latin.json" ? "other.json" : name, bytes] as const)
      const files = [["other.jpg", Buffer.from("P")] as const, ...named].sort(([a], [b]) => (a < b ? -1 : 1))
      const folder = yield* folderWith(Object.fromEntries(files))
      const tar = yield* folderWith({ "a.tar": writeTar(new Map(files).entries().map(([name, bytes]) => ({ name, bytes }))) })
      const expected = Object.entries(cases)
        .map(([name, [, read]]) => [name === "latin.json" ? "other" : base(name), ...read])
        .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
      assert.deepStrictEqual(
        (yield* summaryOf(folder)).samples.map(([id, ...rest]) => [base(String(id)), ...rest]),
        expected
      )
      assert.deepStrictEqual(
        (yield* summaryOf(`${tar}/a.tar`)).samples.map(([id, ...rest]) => [String(id).slice(2), ...rest]),
        expected
      )
      const { samples } = yield* summaryOf(`${folder}?encoding=latin1`)
      const read = new Map(samples.map(([id, ...rest]) => [base(String(id)), rest]))
      assert.deepStrictEqual([read.get("latin"), read.get("other"), read.get("wide")], [["café"], ["café"], ["größer", "犬"]])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("what is no caption in a text beside an image", () => {
  const texts = {
    "a.json": '{"captions": ["one", 5, null]}',
    "b.json": '["one", "two"]',
    "c.json": '{"caption": "half \\ud83d"}',
    "d.json": '{"captions": [5], "text": "three"}',
    "e.json": '[{"raw": "four"}, {"en": "secret"}]',
    "f.json": '{"caption": 5}',
    "g.json": '"five"',
    "h.txt": "{'six', 'seven'}\n['eight', 9]\n"
  }
  const files = Object.entries(texts).flatMap(([name, text]) => [
    [`${base(name)}.jpg`, Buffer.from("P")] as const,
    [name, Buffer.from(text)] as const
  ])
  const expected = [
    ["a", "one"],
    ["b", "one", "two"],
    ["c", "half \ufffd"],
    ["d", "three"],
    ["e", "four"],
    ["f", { reason: "no-caption(caption is a number)" }],
    ["g", "five"],
    ["h", "six", "seven", "eight"]
  ]

  it.effect("is counted when the sample is read, in a folder, a tar and a mixture, and told by inspect", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(Object.fromEntries(files))
      const tars = yield* folderWith({ "t.tar": writeTar(files.map(([name, bytes]) => ({ name, bytes }))) })
      const found = (ending: string, start = "") =>
        (
          [
            ["bad", "captions is a list with a number", "a", 2],
            ["bad", "a list with a number", "h", 1],
            ["bad", "a list with an object without a text (raw, caption, text)", "e", 1],
            ["noted", "caption with a lone surrogate, read as U+FFFD", "c", 1]
          ] as const
        ).map(([kind, reason, first, count]) => ({ kind, reason, count, first: `${start}${first}${ending}` }))
      const plain = (id: unknown) => base(String(id).replace(/^(?:\d\/)?(?:t\/)?/, ""))
      for (const [name, expectedIssues] of [
        [folder, found(".jpg")],
        [`${tars}/t.tar`, found("", "t/")],
        [`${folder}*0.5+${folder}*0.5`, undefined]
      ] as const) {
        const { source, samples } = yield* summaryOf(name)
        yield* summaryOf(name)
        if (expectedIssues) {
          assert.deepStrictEqual(
            samples.map(([id, ...rest]) => [plain(id), ...rest]),
            expected
          )
          assert.deepStrictEqual(source.found?.(), expectedIssues)
        } else assert.deepStrictEqual(source.found?.()[0]?.first, `${folder}: a.jpg`)
        const inspection = yield* inspectSource(source, {
          ...{ limit: 100, samples: false, lint: true },
          progress: { write: () => {}, columns: () => undefined }
        })
        if (expectedIssues) assert.deepStrictEqual(inspection.issues, expectedIssues)
        assert.isTrue(inspection.faults?.some(({ what }) => what.startsWith("captions is a list with a number")))
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
