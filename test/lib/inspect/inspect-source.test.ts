import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { inspectionText } from "../../../lib/cli/inspection-text.ts"
import { openFor } from "../../../lib/data/host/host-context.ts"
import { openSource } from "../../../lib/data/open-source.ts"
import { inspectSource } from "../../../lib/inspect/inspect-source.ts"
import { inspectionPage } from "../../../lib/inspect/page/page.ts"
import type { ProgressOutput } from "../../../lib/log/progress.ts"
import { sampleKinds } from "../../../lib/pipeline/sample-kinds.ts"
import { image } from "../cli/odd-images.ts"
import { drawnSource } from "../data/samples/tables.ts"
import { memorySource } from "./memory-source.ts"

const silent: ProgressOutput = { write: () => {}, columns: () => undefined }
const options = { limit: 1000, samples: true, lint: false, progress: silent }

const mixed = Effect.gen(function* () {
  const [red, blue, webp] = [yield* image(200), yield* image(10), yield* image(90, "webp")]
  // The last row of the image is gone, but for its end mark: its header is as it should be.
  const broken = Buffer.concat([red.subarray(0, red.length - 30), red.subarray(red.length - 12)])
  return memorySource([
    ["a", red, ["a dog on the beach", "two dogs"]],
    ["b", blue, ["ein Hund auf der Wiese"]],
    ["c", red, ["<script>alert(1)</script> \u001b[31m & more"]],
    ["d", webp, ["a dog on the beach"]],
    ["e", Buffer.from("no image"), ["a secret"]],
    ["f", "unreadable(gone)", []],
    ["g", broken, ["half an image"]]
  ])
})

describe("inspectSource", () => {
  it.effect("counts images, captions, languages, duplicates and failures", () =>
    Effect.gen(function* () {
      const { images, captions, duplicates, failures, ...found } = yield* inspectSource(yield* mixed, options)
      assert.deepInclude(found, { count: 7, looked: 7, groups: 7 })
      assert.isUndefined(found.faults)
      assert.deepStrictEqual(
        images.formats.map(({ name, count }) => [name, count]),
        [
          ["png", 4],
          ["webp", 1]
        ]
      )
      assert.deepStrictEqual(images.sizes, [{ name: "40×40", count: 5, example: "a" }])
      assert.strictEqual(images.width?.median, 40)
      assert.deepInclude(captions, { count: 6, distinct: 5 })
      assert.deepStrictEqual([captions.perImage?.least, captions.perImage?.most], [1, 2])
      assert.include(
        captions.languages.map(({ name }) => name),
        "de"
      )
      assert.deepStrictEqual(duplicates, { images: 1, examples: [["c", "a"]], otherGroups: 1, countAsOne: true })
      assert.deepStrictEqual(failures, [
        { name: "unreadable", count: 1, example: "f", detail: "gone" },
        { name: "unsupported-format", count: 1, example: "e", detail: "unknown" }
      ])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("finds with lint what is broken behind a right header, and names every fault", () =>
    Effect.gen(function* () {
      const { faults } = yield* inspectSource(yield* mixed, { ...options, lint: true, limit: 1 })
      assert.deepStrictEqual(
        faults?.map(({ where }) => where),
        ["e", "f", "g"]
      )
      const twice = memorySource([
        ["a", yield* image(1), ["one"]],
        ["a", yield* image(2), ["two"]]
      ])
      const again = yield* inspectSource(twice, { ...options, lint: true })
      assert.deepStrictEqual(again.faults, [{ where: "a", what: "the id of an earlier sample too" }])
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("looks at some samples of many, always the same ones, and says so", () =>
    Effect.gen(function* () {
      const one = yield* image(1)
      const source = memorySource(Array.from({ length: 50 }, (_, i) => [`s${i}`, one, [`caption ${i}`]]))
      const few = yield* inspectSource(source, { ...options, limit: 10 })
      assert.deepInclude(few, { count: 50, looked: 10, groups: 50 })
      assert.strictEqual(few.captions.count, 10)
      assert.strictEqual(few.samples.length, 12)
      assert.deepStrictEqual(yield* inspectSource(source, { ...options, limit: 10 }), few)
      assert.include(inspectionText(few), "50 samples, 10 of them looked at, drawn at random")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("shows images and captions, or neither", () =>
    Effect.gen(function* () {
      const source = yield* mixed
      const shown = yield* inspectSource(source, options)
      assert.includeMembers(
        shown.samples.map(({ id }) => id),
        ["a", "b", "c", "d"]
      )
      const hidden = yield* inspectSource(source, { ...options, samples: false })
      const everything = `${JSON.stringify(hidden)}${inspectionText(hidden)}${inspectionPage(hidden)}`
      for (const secret of ["dog", "Hund", "script>", "data:image", "secret"]) assert.notInclude(everything, secret)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})

describe("an inspection as text and as a page", () => {
  it.effect("lets no caption speak to a terminal or a browser", () =>
    Effect.gen(function* () {
      const shown = yield* inspectSource(yield* mixed, { ...options, lint: true })
      const [text, page] = [inspectionText(shown), inspectionPage(shown)]
      assert.notInclude(text, "\u001b")
      assert.include(page, "&lt;script&gt;alert(1)&lt;/script&gt;")
      assert.notMatch(page, /<script/i)
      // Nothing is fetched: no address but those of credits, which a reader may follow.
      assert.notMatch(page, /(src|href)="(?!data:|https:\/\/example\.org\/")/)
      assert.include(page, 'name="viewport"')
      assert.include(page, "A &amp; B")
      assert.include(page, "default-src &#39;none&#39;".replaceAll("&#39;", "'"))
      assert.match(text, /fault in +what\n/)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("say what there is of an empty or wholly broken source", () =>
    Effect.gen(function* () {
      const broken = yield* inspectSource(memorySource([["a", "gone", []]]), options)
      assert.include(inspectionText(broken), "1 sample cannot be used")
      assert.include(inspectionPage(broken), "cannot be used")
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("shows samples without images, or with labels, as what they are", () =>
    Effect.gen(function* () {
      const texts = yield* inspectSource(drawnSource("texts", 5, sampleKinds.texts), options)
      assert.deepStrictEqual([texts.fields, texts.images.usable, texts.captions.count], ["text (string)", 0, 5])
      assert.include(inspectionText(texts), "each with text (string)")
      assert.include(inspectionPage(texts), "text ")
      const labelled = yield* inspectSource(yield* openFor(openSource, "embedded:emoji-labels", sampleKinds.labelled), {
        ...options,
        limit: 20
      })
      assert.strictEqual(
        labelled.labels.reduce((sum, { count }) => sum + count, 0),
        20
      )
      assert.match(inspectionText(labelled), /\nlabel +count/)
      assert.include(inspectionPage(labelled), "<h2>Labels</h2>")
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
