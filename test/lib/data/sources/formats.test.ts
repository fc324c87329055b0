import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import sharp from "sharp"
import { openSource } from "../../../../lib/data/open-source.ts"
import { dataSets } from "./data-sets.ts"

const sharpOf = (bytes: Uint8Array) => Effect.promise(() => sharp(bytes).stats())

describe("each format of data", () => {
  for (const [format, make] of Object.entries(dataSets)) {
    it.effect(`${format}: every image once, with all its captions`, () =>
      Effect.gen(function* () {
        const { data, ids, captions } = yield* make
        const source = yield* openSource(data)
        const all = Array.from({ length: source.count }, (_, index) => index)
        assert.deepStrictEqual(all.map(source.id), ids)
        assert.deepStrictEqual(yield* Effect.forEach(all, (index) => source.texts(index, "captions")), captions)
        assert.strictEqual(new Set(all.map(source.group)).size, ids.length)
        const samples = yield* Effect.forEach(all, source.sample, { concurrency: 4 })
        for (const [i, sample] of samples.entries()) {
          assert.deepStrictEqual([sample.id, sample.group, sample.captions], [ids[i], source.group(i), captions[i]])
          const { channels } = yield* sharpOf(sample.image)
          assert.approximately(channels[0]!.mean, 30 + 50 * i, 3)
        }
        const again = yield* openSource(data)
        assert.strictEqual(again.digest, source.digest)
        assert.strictEqual(yield* again.sampleDigest(1), yield* source.sampleDigest(1))
        assert.notStrictEqual(yield* source.sampleDigest(0), yield* source.sampleDigest(1))
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
    )
  }
})
