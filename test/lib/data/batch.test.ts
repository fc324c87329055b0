import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import fc from "fast-check"
import { type BatchInputs, batchMaker } from "../../../lib/data/batch.ts"
import { noCaches } from "../../../lib/data/host/prepared-cache.ts"
import { openStages } from "../../../lib/data/host/ready-stage.ts"
import type { Source } from "../../../lib/data/source.ts"
import type { Pipeline } from "../../../lib/pipeline/pipeline.ts"
import { drawKey, key } from "../../../lib/random/key.ts"
import { uniform } from "../../../lib/random/uniform.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { seed } from "../../seed.ts"
import { toyPipeline } from "../../toy/pipeline.ts"
import { type ToyFaults, toySource } from "../../toy/source.ts"

const hostContext = { openCache: noCaches, corpus: () => Effect.succeed(Stream.empty) }
const maker = (pipeline: Pipeline, source: Source, more: Partial<BatchInputs> = {}) =>
  Effect.map(openStages(pipeline, hostContext), (stages) => batchMaker({ pipeline, stages, source, seed: 3, ...more }))
const run = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices | import("effect").Scope.Scope>) =>
  Effect.runPromise(effect.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
const count = 10
const source = (faults: ToyFaults = {}) => toySource(count, faults)

describe("batchMaker", () => {
  it("has every sample once an epoch, running on across epochs", async () => {
    const pipeline = toyPipeline({ batch: 4 })
    const batches = await run(Effect.flatMap(maker(pipeline, source()), (make) => Effect.forEach([0, 1, 2, 3, 4], make)))
    const ids = batches.flatMap(({ ids }) => ids)
    assert.strictEqual(ids.length, 20)
    assert.strictEqual(new Set(ids.slice(0, count)).size, count)
    assert.strictEqual(new Set(ids.slice(count)).size, count)
    assert.notDeepEqual(ids.slice(0, count), ids.slice(count))
    assert.deepStrictEqual(
      batches.map(({ epoch }) => epoch),
      [0, 0, 0, 1, 1]
    )
  })

  it("feeds the host's tensor fields and every tensor stage's noise, by name, for the whole batch", async () => {
    const batch = await run(Effect.flatMap(maker(toyPipeline({ batch: 3, count: 6 }), source()), (make) => make(0)))
    assert.deepStrictEqual(
      Object.entries(batch.feeds).map(([name, numbers]) => [name, numbers.constructor.name, numbers.length]),
      [
        ["group", "Int32Array", 3],
        ["letters", "Int32Array", 18],
        ["noise/teacher.weigh.shake", "Float32Array", 15],
        ["noise/weigh.shake", "Float32Array", 15]
      ]
    )
    const site = { epoch: 0, sample: batch.ids[1]!, stage: "weigh", purpose: "shake" }
    assert.deepStrictEqual(batch.feeds["noise/weigh.shake"]!.slice(5, 10), uniform(drawKey(key(3), site), 5))
  })

  it("makes the same bytes in whatever order batches are asked for", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(12), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 7 }),
        async (asked, batch) => {
          const pipeline = toyPipeline({ batch })
          const [there, back] = await run(
            Effect.gen(function* () {
              const make = yield* maker(pipeline, source({ missing: [4] }))
              const other = yield* maker(pipeline, source({ missing: [4] }))
              return [yield* Effect.forEach(asked, make), yield* Effect.forEach([...asked].reverse(), other)]
            })
          )
          assert.deepStrictEqual(back.reverse(), there)
        }
      ),
      { seed, numRuns: 20 }
    )
  })

  it("keeps a sample's draws and noise in batches of another size", async () => {
    const rows = async (batch: number) => {
      const batches = await run(
        Effect.flatMap(maker(toyPipeline({ batch }), source()), (make) =>
          Effect.forEach([0, 1, 2, 3, 4].slice(0, count / batch), make)
        )
      )
      return batches.flatMap(({ ids, feeds }) =>
        ids.map((id, i) => [id, feeds["letters"]!.slice(i * 6, i * 6 + 6), feeds["noise/weigh.shake"]!.slice(i * 5, i * 5 + 5)])
      )
    }
    assert.deepStrictEqual(await rows(2), await rows(5))
  })

  it("replaces what cannot be used, names it, and changes nothing else", async () => {
    const pipeline = toyPipeline({ batch: 5, count: 10 })
    const all = (faults: ToyFaults) =>
      run(Effect.flatMap(maker(pipeline, source(faults)), (make) => Effect.forEach([0, 1], make)))
    const good = await all({})
    const faulty = await all({ missing: [2], unreadable: [5], explodes: [7] })
    const bad = ["toy/2", "toy/5", "toy/7"]
    const reasons = new Map(faulty.flatMap(({ bad }) => bad).map(({ id, reason }) => [id, reason]))
    assert.deepStrictEqual([...reasons.keys()].sort(), bad)
    assert.strictEqual(reasons.get("toy/2"), "missing(toy)")
    assert.strictEqual(reasons.get("toy/5"), "unreadable(toy)")
    assert.strictEqual(reasons.get("toy/7"), "failed(letters: no such letter)")
    good.forEach((batch, b) => {
      batch.ids.forEach((id, slot) => {
        const same = (name: string, width: number) =>
          assert.deepStrictEqual(
            faulty[b]!.feeds[name]!.slice(slot * width, (slot + 1) * width),
            batch.feeds[name]!.slice(slot * width, (slot + 1) * width)
          )
        if (bad.includes(id)) assert.notInclude(bad, faulty[b]!.ids[slot])
        else {
          assert.strictEqual(faulty[b]!.ids[slot], id)
          same("letters", 10)
          same("noise/weigh.shake", 5)
        }
      })
    })
  })

  it("gives up on a source of which nothing can be used, in one line", async () => {
    const none = source({ missing: Array.from({ length: count }, (_, i) => i) })
    const error = await run(
      Effect.flatMap(maker(toyPipeline({ batch: 1 }), none, { budget: { inARow: 25, fraction: 1, atLeast: 10 } }), (make) =>
        Effect.flip(make(0))
      )
    )
    assert.match(
      error.message,
      /^data: (\d+) samples could not be used \(of 10, after 25 tries in a row for batch 0\): \1 × missing \(toy\/\d[^()]*\)$/
    )
  })

  it("is what it was: a golden digest of two batches", async () => {
    const batches = await run(Effect.flatMap(maker(toyPipeline({ batch: 4 }), source()), (make) => Effect.forEach([0, 7], make)))
    const bytes = batches.flatMap(({ feeds }) => Object.values(feeds).map((x) => new Uint8Array(x.buffer)))
    assert.strictEqual(sha256(Buffer.concat(bytes)), "ba4809ea54b66199c1854e4d1e035f5987e08b9b59e3e3187972670aa0147909")
  })
})
