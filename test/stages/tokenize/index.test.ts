import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { runHost, sampleInput } from "../../../lib/data/host/host.ts"
import { corpusOf, hostContextOf } from "../../../lib/data/host/host-context.ts"
import { cachesIn, noCaches } from "../../../lib/data/host/prepared-cache.ts"
import { openStage } from "../../../lib/data/host/ready-stage.ts"
import { derive, key } from "../../../lib/random/key.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { definition, tokenize, trained, vocabularyFile } from "../../../stages/tokenize/index.ts"
import { preparedCaptions } from "../../../stages/tokenize/prepared.ts"
import { openVocabulary } from "../../../stages/tokenize/vocabulary.ts"
import { openToySource, toySource } from "../../toy/source.ts"

const vocabulary = trained({ size: 256 })
const source = toySource(4)
const hostContext = hostContextOf("toy:4", openToySource, noCaches)
const folder = Effect.flatMap(FileSystem.FileSystem, (fs) => fs.makeTempDirectoryScoped())

layer(NodeServices.layer)("tokenize", (it) => {
  it.effect("chooses one of the captions by the key, the first without one", () =>
    Effect.gen(function* () {
      const stage = tokenize({ vocabulary, length: 8 })
      assert.deepStrictEqual(stage.sizes, { tokens: 8, vocabulary: 256 })
      const ready = yield* openStage(stage, hostContext)
      const draw = (epoch: number | null) =>
        Effect.flatMap(sampleInput(source, 1), (input) => runHost([ready], input, epoch === null ? null : { run: key(1), epoch }))
      assert.strictEqual((yield* draw(null))["caption"], "caption number 1")
      const drawn = new Set<unknown>()
      for (let epoch = 0; epoch < 12; epoch++) drawn.add((yield* draw(epoch))["caption"])
      assert.deepStrictEqual([...drawn].sort(), ["caption 1 said otherwise", "caption number 1"])
      const { tokenizer } = yield* openVocabulary(vocabulary, hostContext)
      const values = yield* draw(null)
      const pieces = Array.from(values["tokens"] as Int32Array, (id) => tokenizer.piece(id))
      assert.deepStrictEqual(pieces, ["[CLS]", "caption", "number", "1", "[SEP]", "[PAD]", "[PAD]", "[PAD]"])
      assert.deepStrictEqual(values["tokenMask"], Uint8Array.of(1, 1, 1, 1, 1, 0, 0, 0))
    })
  )

  it.effect("reads back what it keeps", () =>
    Effect.gen(function* () {
      const ready = yield* openStage(tokenize({ vocabulary, length: 8 }), hostContext)
      const sample = { id: "", group: Int32Array.of(0), image: new Uint8Array(0), captions: ["caption", "ß 日本 \ud800", ""] }
      const prepared = (yield* ready.prepare(sample)) as Parameters<typeof preparedCaptions.encode>[0]
      const bytes = preparedCaptions.encode(prepared)
      const shifted = new Uint8Array(bytes.length + 1)
      shifted.set(bytes, 1)
      assert.deepStrictEqual(preparedCaptions.decode(shifted.subarray(1)), prepared)
      assert.throws(() => preparedCaptions.decode(bytes.subarray(0, bytes.length - 4)))
    })
  )

  it.effect("builds a trained vocabulary once into the cache, and anew for other texts or another size", () =>
    Effect.gen(function* () {
      const open = cachesIn(join(yield* folder, "cache"))
      const texts: number[] = []
      const counting = { ...hostContextOf("toy:4", openToySource, open) }
      const digestOf = (size: number, train: string) =>
        Effect.map(
          openVocabulary(trained({ size }), { ...counting, corpus: () => Effect.map(openToySource(train), corpusOf) }),
          ({ digest, tokenizer }) => {
            texts.push(tokenizer.size)
            return digest
          }
        )
      const first = yield* digestOf(256, "toy:400")
      assert.strictEqual(yield* digestOf(256, "toy:400"), first)
      assert.notStrictEqual(yield* digestOf(200, "toy:400"), first)
      assert.notStrictEqual(yield* digestOf(256, "toy:4"), first)
      assert.isTrue(texts.every((size) => size <= 256))
    })
  )

  it.effect("makes the vocabulary a part of the cache's keys", () =>
    Effect.gen(function* () {
      const stage = tokenize({ vocabulary, length: 8 })
      const [a, b] = [
        yield* openStage(stage, hostContext),
        yield* openStage(stage, hostContextOf("toy:400", openToySource, noCaches))
      ]
      assert.notStrictEqual(a.identity, b.identity)
      const { bytes, digest } = yield* openVocabulary(vocabulary, hostContext)
      const path = join(yield* folder, "tokenizer.json")
      yield* (yield* FileSystem.FileSystem).writeFile(path, bytes)
      const fromFile = yield* openStage(
        tokenize({ vocabulary: vocabularyFile(path, { size: 256, sha256: digest }), length: 8 }),
        hostContext
      )
      assert.strictEqual(fromFile.identity, a.identity)
    })
  )

  it.effect("refuses a file that is not what was pinned, is no tokenizer, or has too many ids", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = join(yield* folder, "tokenizer.json")
      const reason = (given: Parameters<typeof openVocabulary>[0]) =>
        Effect.map(Effect.flip(openVocabulary(given, hostContext)), ({ message }) => message.replace(path, "PATH"))
      assert.match(yield* reason(vocabularyFile(path, { size: 9 })), /^PATH: no such vocabulary: /)
      yield* fs.writeFile(path, (yield* openVocabulary(vocabulary, hostContext)).bytes)
      assert.match(yield* reason(vocabularyFile(path, { size: 9 })), /^PATH: it has \d+ ids, but the pipeline says 9$/)
      assert.match(
        yield* reason(vocabularyFile(path, { size: 256, sha256: "00" })),
        /^PATH: its SHA-256 is [0-9a-f]{64}, but 00 is expected$/
      )
      yield* fs.writeFileString(path, "{}")
      assert.match(yield* reason(vocabularyFile(path, { size: 256 })), /^PATH: no tokenizer: /)
    })
  )

  it.effect("refuses settings that it does not have", () =>
    Effect.sync(() => {
      assert.throws(() => definition.make({ vocabulary, length: 8, pad: 0 }), "tokenize has no setting 'pad'")
      assert.throws(
        () => definition.make({ vocabulary: { _tag: "guessed" }, length: 8 }),
        "tokenize.vocabulary is one of trained, file, not 'guessed'"
      )
    })
  )

  it.effect("is what version 2 is: golden digests of both halves", () =>
    Effect.gen(function* () {
      const stage = tokenize({ vocabulary, length: 8 })
      const ready = yield* openStage(stage, hostContext)
      const { id, image, captions } = yield* source.sample(2)
      const prepared = (yield* ready.prepare({ id, group: Int32Array.of(0), image, captions })) as Parameters<
        typeof stage.draw
      >[0]
      const { tokens, tokenMask } = stage.draw(prepared, derive(key(1), "golden"))
      assert.strictEqual(stage.version, 2)
      assert.deepStrictEqual(
        [stage.codec.encode(prepared), new Uint8Array(tokens.buffer), tokenMask].map((bytes) => sha256(bytes)),
        [
          "2f2ef5109a227991c12e6a6529d7c04f7680036e0de0944c33c72200d52f2687",
          "9497dfa3e2f7e21aa42a4f6333a29600165c8ba545ed95abf4127da89cad0230",
          "c7fb710baec0c5f2d119354c8d4d0c8b732eb85d63649bfa97be0f3b728d826b"
        ]
      )
    })
  )
})
