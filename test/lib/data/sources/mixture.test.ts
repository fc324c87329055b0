import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import type { Source } from "../../../../lib/data/source.ts"
import { mixtureCounts, mixturePlaces, mixtureSource } from "../../../../lib/data/sources/mixture.ts"
import { mixtureBlocks } from "../../../../lib/data/sources/mixture-blocks.ts"
import { parseMixture } from "../../../../lib/data/sources/mixture-name.ts"
import { SampleError } from "../../../../lib/pipeline/errors.ts"
import { sampleKinds } from "../../../../lib/pipeline/sample-kinds.ts"
import type { Fields } from "../../../../lib/tensor/field.ts"
import { seed } from "../../../seed.ts"
import { drawnSource } from "../samples/tables.ts"

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)
const parts = fc.array(fc.record({ size: fc.integer({ min: 1, max: 30 }), weight: fc.integer({ min: 1, max: 12 }) }), {
  minLength: 1,
  maxLength: 5
})

/** A source of `size` samples, two a group, of which the last cannot be read. */
const sourceOf = (name: string, size: number): Source => {
  const sample = (index: number) =>
    index === size - 1
      ? Effect.fail(new SampleError({ id: String(index), reason: "unreadable" }))
      : Effect.succeed({ id: String(index), group: index >> 1, image: Uint8Array.of(index), captions: [`${name} ${index}`] })
  return {
    ...{
      name,
      count: size,
      digest: `${name} ${size}`,
      credits: [],
      issues: [],
      id: String,
      group: (index) => index >> 1,
      sample
    },
    texts: (index) => Effect.map(sample(index), ({ captions }) => captions),
    sampleDigest: (index) => Effect.map(sample(index), ({ id }) => `${name} ${id}`)
  }
}

describe("the name of a mixture", () => {
  it("is parts with a weight each, and nothing else is one", () => {
    assert.deepStrictEqual(parseMixture("a.json?split=x*0.7+shards/*.3+embedded:emoji*2"), [
      { name: "a.json?split=x", weight: 0.7 },
      { name: "shards/", weight: 0.3 },
      { name: "embedded:emoji", weight: 2 }
    ])
    assert.deepStrictEqual(parseMixture("c++/a+b.json*1+d*2"), [
      { name: "c++/a+b.json", weight: 1 },
      { name: "d", weight: 2 }
    ])
    for (const single of ["a.json", "a+b.json", "shards/*.tar", "a*0.5+b", "*0.5", "a*1+*2", "a*-1", "a*1e3", "a*1+", ""])
      assert.isUndefined(parseMixture(single), single)
  })

  it("is taken apart as it was put together", () => {
    const location = fc.string({ minLength: 1 }).filter((name) => !name.includes("*"))
    fc.assert(
      fc.property(fc.array(fc.tuple(location, fc.integer({ min: 0, max: 999 })), { minLength: 1, maxLength: 4 }), (given) => {
        const parsed = parseMixture(given.map(([name, weight]) => `${name}*${weight / 8}`).join("+"))
        assert.deepStrictEqual(
          parsed,
          given.map(([name, weight]) => ({ name, weight: weight / 8 }))
        )
      }),
      { seed, numRuns: 200 }
    )
  })
})

describe("the places of a mixture", () => {
  it("have every sample of every source, none more than once above another, in the ratio of the weights", () => {
    fc.assert(
      fc.property(parts, fc.boolean(), (given, inBlocks) => {
        const counts = mixtureCounts(
          given.map(({ size }) => size),
          given.map(({ weight }) => weight)
        )
        const shapes = given.map(({ size }, k) => ({ size, count: counts[k]!, digest: String(k), inBlocks }))
        const at = mixturePlaces(shapes)
        const total = counts.reduce((a, b) => a + b, 0)
        const weights = given.reduce((sum, { weight }) => sum + weight, 0)
        const times = given.map(({ size }) => new Uint32Array(size))
        for (const { part, index } of upTo(total).map(at)) times[part]![index]!++
        for (const [k, each] of times.entries()) {
          const [least, most] = [Math.min(...each), Math.max(...each)]
          assert.isTrue(least >= 1 && most - least <= 1, `${least}–${most}`)
          assert.isBelow(Math.abs(counts[k]! - (given[k]!.weight / weights) * total), given.length + 1)
        }
        // The source that its weight favours least is gone through once.
        assert.isTrue(given.some(({ size }, k) => counts[k] === size))
        assert.deepStrictEqual(upTo(total).reverse().map(at).reverse(), upTo(total).map(mixturePlaces(shapes)))
      }),
      { seed, numRuns: 40 }
    )
  })
})

describe("a mixture", () => {
  it.effect("has ids of its own, groups that no two sources share, and the samples of its sources", () =>
    Effect.gen(function* () {
      const mixed = yield* mixtureSource("m", [
        { name: "a", weight: 3, source: sourceOf("a", 4) },
        { name: "b", weight: 1, source: sourceOf("b", 4) }
      ])
      const all = upTo(mixed.count)
      assert.strictEqual(mixed.count, 16)
      assert.strictEqual(new Set(all.map(mixed.id)).size, 16)
      assert.deepStrictEqual(all.map(mixed.id).slice(2, 6), ["0/2", "0/3", "0/0~2", "0/1~2"])
      assert.deepStrictEqual(new Set(all.map(mixed.group)).size, 4)
      for (const index of all) {
        const found = yield* Effect.result(mixed.sample(index))
        if (found._tag === "Failure") {
          assert.strictEqual(found.failure.id, mixed.id(index))
          continue
        }
        const { id, group, captions } = found.success
        assert.deepStrictEqual([id, group], [mixed.id(index), mixed.group(index)])
        assert.deepStrictEqual(captions, yield* mixed.texts(index, "captions"))
        assert.strictEqual(yield* mixed.sampleDigest(index), captions[0])
      }
    })
  )

  it.effect("of embedded sets keeps an emoji's images in one group", () =>
    Effect.gen(function* () {
      const part = { name: "embedded:emoji", weight: 1, source: sourceOf("emoji", 32) }
      const mixed = yield* mixtureSource("m", [part, { ...part, name: "embedded:other" }, { ...part, name: "c" }])
      assert.strictEqual(mixed.count, 96)
      assert.isAbove(mixed.group(64), mixed.group(31))
      assert.strictEqual(mixed.group(0), mixed.group(32))
      assert.notStrictEqual(mixed.id(0), mixed.id(32))
    })
  )

  it.effect("of weights that are nothing, or would repeat a source without end, is refused", () =>
    Effect.gen(function* () {
      const part = (name: string, weight: number) => ({ name, weight, source: sourceOf(name, 30) })
      const error = yield* Effect.flip(mixtureSource("m", [part("a", 0), part("b", 1)]))
      assert.strictEqual(error.message, "a: weight 0: expected more than 0")
      const rare = yield* Effect.flip(mixtureSource("m", [part("a", 1e-9), part("b", 1)]))
      assert.match(rare.message, /^m: weights that repeat samples up to an epoch of \d+; the most is 2147483647$/)
    })
  )

  it("keeps the blocks of its sources, and cuts those without any into as long ones", () => {
    const blocks = { starts: [0, 10, 20, 30], window: 2 }
    const withBlocks = { ...sourceOf("a", 30), blocks }
    const mixed = mixtureBlocks([withBlocks, sourceOf("b", 25)], [45, 25]).blocks!
    assert.deepStrictEqual([...(mixed.starts as Float64Array)], [0, 10, 20, 30, 40, 45, 55, 65, 70])
    assert.strictEqual(mixed.window, 3)
    assert.deepStrictEqual(mixtureBlocks([sourceOf("b", 25)], [25]), {})
  })

  it.effect("has the fields that all of its parts have, and needs one", () =>
    Effect.gen(function* () {
      const drawn = (fields: Fields) => ({ name: "drawn", weight: 1, source: drawnSource("drawn", 4, fields) })
      const { image, label } = sampleKinds.labelled
      const mixed = yield* mixtureSource<Fields>("m", [drawn({ image, label }), drawn({ label, text: label })])
      assert.deepStrictEqual(mixed.fields, { label })
      assert.deepStrictEqual([mixed.count, yield* mixed.texts(0, "label")], [8, [(yield* mixed.sample(0))["label"]]])
      const error = yield* Effect.flip(mixtureSource<Fields>("m", [drawn({ image }), drawn({ label })]))
      assert.strictEqual(error.message, "m: its parts have no field in common: drawn has image (bytes); drawn has label (string)")
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
