import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import type { Source } from "../../../../lib/data/source.ts"
import { contentOf, everySample } from "./every-sample.ts"
import { folderWith } from "./folder-with.ts"

const reasons = (source: Source) =>
  Effect.forEach(Array.from({ length: source.count }), (_, index) => Effect.map(Effect.flip(source.sample(index)), String))
const list = (entries: readonly unknown[]) => JSON.stringify(entries)

/** Runs an effect; what it warned of. */
const warned = Effect.fnUntraced(function* <A, E, R>(effect: Effect.Effect<A, E, R>) {
  const lines: string[] = []
  const logger = Logger.make(({ message }) => void lines.push(String(message)))
  const value = yield* effect.pipe(Effect.provide(Logger.layer([logger])))
  return { value, lines }
})

describe("a list of images", () => {
  it.effect("gives each image once, with all its captions, in the order in which images are first named", () =>
    Effect.gen(function* () {
      const entries = [
        { image: "a.jpg", caption: "one" },
        { image: "in/b.png", caption: ["two", "", "three"] },
        { image: "a.jpg", caption: "four", more: 1 }
      ]
      const folder = yield* folderWith({ "list.json": list(entries), "a.jpg": "A", "in/b.png": "B" })
      const samples = yield* everySample(yield* openSource(`${folder}/list.json`))
      assert.deepStrictEqual(
        samples.map(({ id, group, image, captions }) => ({ id, group, image: contentOf(image), captions })),
        [
          { id: "a.jpg", group: 0, image: "A", captions: ["one", "four"] },
          { id: "in/b.png", group: 1, image: "B", captions: ["two", "three"] }
        ]
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("fails sample by sample for images that cannot be read and captions that say nothing", () =>
    Effect.gen(function* () {
      const entries = ["gone.jpg", "a.jpg", "folder"].map((image, i) => ({ image, caption: i === 1 ? " " : "one" }))
      const folder = yield* folderWith({ "list.json": list(entries), "a.jpg": "A", "folder/x": "" })
      const messages = yield* reasons(yield* openSource(`${folder}/list.json`))
      assert.match(messages[0]!, /gone\.jpg: unreadable\(/)
      assert.include(messages[1], "sample a.jpg: no-caption")
      assert.include(messages[2], "sample folder: not-a-file(Directory)")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("never leads out of its folder, unless the user names one for its images", () =>
    Effect.gen(function* () {
      const outside = yield* folderWith({ "secret.jpg": "S" })
      const names = [`${outside}/secret.jpg`, "../secret.jpg", "in/../../secret.jpg", "a\u0000.jpg", "good.jpg"]
      const entries = names.map((image) => ({ image, caption: "one" }))
      const folder = yield* folderWith({ "data/list.json": list(entries), "secret.jpg": "S", "data/good.jpg": "G" })
      const source = yield* openSource(`${folder}/data/list.json`)
      for (const index of [0, 1, 2, 3])
        assert.match(String(yield* Effect.flip(source.sample(index))), /: outside-the-folder\(name the images' by \?images=\)$/)
      assert.strictEqual(contentOf((yield* source.sample(4)).image), "G")
      const absolute = yield* openSource(`${folder}/data/list.json?images=${outside}`)
      assert.strictEqual(contentOf((yield* absolute.sample(0)).image), "S")
      assert.match(String(yield* Effect.flip(absolute.sample(1))), /outside-the-folder/)
      const far = yield* folderWith({ "list.json": list(entries.slice(0, 3)) })
      assert.match(
        (yield* Effect.flip(openSource(`${far}/list.json`))).message,
        /secret\.jpg are outside its folder; name theirs by \?images=/
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("takes nothing from a __proto__, and changes no other object", () =>
    Effect.gen(function* () {
      const plain =
        '[{"__proto__": {"caption": "theirs"}, "image": "a.jpg", "caption": "own", "constructor": {"prototype": {"x": 1}}}]'
      const folder = yield* folderWith({ "list.json": plain, "a.jpg": "A" })
      const [sample] = yield* everySample(yield* openSource(`${folder}/list.json`))
      assert.deepStrictEqual(sample!.captions, ["own"])
      const inherited = yield* folderWith({ "list.json": '[{"__proto__": {"caption": "theirs"}, "image": "a.jpg"}]' })
      assert.match(
        (yield* Effect.flip(openSource(`${inherited}/list.json`))).message,
        /none of 1 entries can be used: 1 × caption is missing \(entry 0\): the first entry is an object of __proto__, image; name its members by/
      )
      assert.isFalse("caption" in {} || "x" in {})
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("may have tens of thousands of entries, and one of a wrong type among them is named", () =>
    Effect.gen(function* () {
      const count = 30_000
      const entry = (i: number) => `{"image": "${i}.jpg", "caption": "number ${i}"}`
      const lines = Array.from({ length: count }, (_, i) => entry(i))
      const folder = yield* folderWith({ "0.jpg": "A", "list.json": `[${lines.join(",\n")}]` })
      const source = yield* openSource(`${folder}/list.json`)
      assert.strictEqual(source.count, count)
      assert.deepStrictEqual([source.id(29_999), yield* source.texts(29_999, "captions")], ["29999.jpg", ["number 29999"]])
      lines[17_777] = '{"image": "x.jpg", "caption": {"words": "secret"}}'
      const broken = yield* folderWith({ "list.json": `[${lines.join(",\n")}]` })
      const rest = yield* openSource(`${broken}/list.json`)
      assert.strictEqual(rest.count, count - 1)
      assert.deepStrictEqual(rest.issues, [
        { kind: "bad", reason: "caption is an object without a text (raw, caption, text)", count: 1, first: "entry 17777" }
      ])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("of which no image is found warns where it looked", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith({ "list.json": list([{ image: "gone.jpg", caption: "one" }]) })
      const { value, lines } = yield* warned(openSource(`${folder}/list.json`))
      assert.match(lines.join(), /list\.json: none of its images is in .*images; name their folder by \?images=FOLDER$/)
      assert.match((yield* reasons(value))[0]!, /gone\.jpg: unreadable/)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("of URLs fetches nothing unless that is allowed, and its ids do not say the URLs", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith({ "list.csv": "url,text\nhttp://127.0.0.1:9/a.jpg?key=secret,one\n" })
      const source = yield* openSource(`${folder}/list.csv`)
      assert.match(source.id(0), /^url-[0-9a-f]{16}$/)
      assert.deepStrictEqual(yield* source.texts(0, "captions"), ["one"])
      const error = yield* Effect.flip(source.sample(0))
      assert.strictEqual(error.reason, "urls-off")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("has a digest of what it lists, not of where it is, and sample digests of what is in the files", () =>
    Effect.gen(function* () {
      const digests = (content: string, caption = "one", name = "list.json") =>
        Effect.gen(function* () {
          const folder = yield* folderWith({ [name]: list([{ image: "a.jpg", caption }]), "a.jpg": content })
          const source = yield* openSource(`${folder}/${name}`)
          return [source.digest, yield* source.sampleDigest(0)] as const
        })
      const first = yield* digests("A")
      assert.deepStrictEqual(yield* digests("A", "one", "other.txt"), first)
      const other = yield* digests("B")
      assert.strictEqual(other[0], first[0])
      assert.notStrictEqual(other[1], first[1])
      assert.notStrictEqual((yield* digests("A", "two"))[0], first[0])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect("leaves out a few rows of a table that lack a field, and says so", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith({
        "a.tsv": 'filepath\ttitle\na.jpg\tone\nb.jpg\n\tthree\nc.jpg\t["x", "y"]\n',
        "a.jpg": "A"
      })
      const value = yield* openSource(`${folder}/a.tsv`)
      assert.deepStrictEqual([value.id(0), value.id(1), value.count], ["a.jpg", "c.jpg", 2])
      assert.deepStrictEqual(yield* value.texts(1, "captions"), ["x", "y"])
      assert.deepStrictEqual(value.issues, [
        { kind: "bad", reason: "fewer than 2 fields", count: 1, first: "line 3" },
        { kind: "bad", reason: "filepath is empty", count: 1, first: "line 4" }
      ])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.effect(
    "is a table without a header where columns are named by number, and one of a split where it has a column for it",
    () =>
      Effect.gen(function* () {
        const folder = yield* folderWith({
          "a.csv": "a.jpg,x,one\nb.jpg,y,two\n",
          "b.csv": "image,caption,split\na.jpg,one,train\nb.jpg,two,val\nc.jpg,three,restval\n",
          "a.jpg": "A"
        })
        const plain = yield* openSource(`${folder}/a.csv?image=0&caption=2`)
        assert.deepStrictEqual([plain.count, yield* plain.texts(0, "captions")], [2, ["one"]])
        const ids = (options: string) =>
          Effect.map(openSource(`${folder}/b.csv${options}`), (source) =>
            Array.from({ length: source.count }, (_, i) => source.id(i))
          )
        assert.deepStrictEqual(yield* ids(""), ["a.jpg", "c.jpg"])
        assert.deepStrictEqual(yield* ids("?split=val"), ["b.jpg"])
        assert.deepStrictEqual(yield* ids("?split=all"), ["a.jpg", "b.jpg", "c.jpg"])
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
