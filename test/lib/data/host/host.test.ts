import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { isKept, preparedKey, prepareSample, runHost, sampleInput } from "../../../../lib/data/host/host.ts"
import { noCaches, type PreparedCache } from "../../../../lib/data/host/prepared-cache.ts"
import { type HostContext, identityOf, openStage, openStages } from "../../../../lib/data/host/ready-stage.ts"
import type { HostStage } from "../../../../lib/pipeline/stage.ts"
import { derive, key } from "../../../../lib/random/key.ts"
import { letters, prepared } from "../../../toy/letters.ts"
import { toyPipeline } from "../../../toy/pipeline.ts"
import { toySource } from "../../../toy/source.ts"

const hostContext: HostContext = { openCache: noCaches, corpus: () => Effect.succeed(Stream.empty) }
const run = key(7)

/** A cache in a map that the test can look into. */
const cacheIn = (kept: Map<string, Uint8Array>): PreparedCache => ({
  get: (key) => Effect.sync(() => kept.get(key)),
  set: (key, bytes) => Effect.sync(() => void kept.set(key, bytes)),
  has: (key) => kept.has(key),
  remember: () => Effect.void,
  remembered: Effect.succeed(new Map())
})

const readyWith = (kept: Map<string, Uint8Array>) =>
  openStages(toyPipeline(), { ...hostContext, openCache: () => Effect.succeed(cacheIn(kept)) })

const second: HostStage = {
  ...letters({ count: 6 }, "second"),
  reads: { caption: { value: "string" } },
  adds: {},
  prepare: (sample) => Effect.succeed(sample["caption"]),
  draw: () => ({})
}

describe("runHost", () => {
  it.live("draws by (seed, epoch, sample, stage): the same again, another in another epoch, nothing random without a place", () =>
    Effect.gen(function* () {
      const stages = yield* openStages(toyPipeline(), hostContext)
      const values = (epoch: number | null) =>
        Effect.flatMap(sampleInput(toySource(5), 2), (input) => runHost(stages, input, epoch === null ? null : { run, epoch }))
      assert.deepStrictEqual(yield* values(0), yield* values(0))
      assert.notDeepEqual((yield* values(0))["letters"], (yield* values(1))["letters"])
      assert.deepStrictEqual(
        (yield* values(null))["letters"],
        Int32Array.from("captio", (c) => c.charCodeAt(0))
      )
      assert.deepStrictEqual((yield* values(null))["caption"], "captio")
      const drawn = stages[0]!.stage.draw(["captio", "captio"], derive(run, 3, "toy/2", "letters", "draw"))
      assert.deepStrictEqual((yield* values(3))["letters"], drawn["letters"])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("gives the sample's id and group", () =>
    Effect.gen(function* () {
      const values = yield* runHost([], yield* sampleInput(toySource(9), 7), null)
      assert.deepStrictEqual(values, { id: "toy/7", group: Int32Array.of(2) })
    })
  )

  it.live("prepares a sample once, and then takes it from the cache without reading it", () =>
    Effect.gen(function* () {
      const kept = new Map<string, Uint8Array>()
      const stages = yield* readyWith(kept)
      prepared.clear()
      const first = yield* runHost(stages, yield* sampleInput(toySource(5), 1), { run, epoch: 0 })
      const source = { ...toySource(5), sample: () => Effect.die("read") }
      const again = yield* runHost(stages, yield* sampleInput(source, 1), { run, epoch: 0 })
      assert.deepStrictEqual(again, first)
      assert.strictEqual(prepared.get("toy/1"), 1)
      assert.strictEqual(kept.size, 1)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("neither digests nor encodes a sample where nothing is kept", () =>
    Effect.gen(function* () {
      const [ready] = yield* openStages(toyPipeline(), hostContext)
      const encode = () => assert.fail("encoded")
      const stage = { ...ready!, stage: { ...ready!.stage, codec: { ...ready!.stage.codec, encode } } }
      const input = { ...(yield* sampleInput(toySource(5), 1)), digest: Effect.die("digested") }
      const values = yield* runHost([stage], input, { run, epoch: 0 })
      assert.deepStrictEqual(values, yield* runHost([ready!], yield* sampleInput(toySource(5), 1), { run, epoch: 0 }))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("prepares anew what the cache has damaged", () =>
    Effect.gen(function* () {
      const kept = new Map<string, Uint8Array>()
      const stages = yield* readyWith(kept)
      const input = yield* sampleInput(toySource(5), 1)
      const first = yield* runHost(stages, input, null)
      for (const entry of kept.keys()) kept.set(entry, new TextEncoder().encode("{"))
      assert.deepStrictEqual(yield* runHost(stages, input, null), first)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("does not keep what is prepared from another stage's draw", () =>
    Effect.gen(function* () {
      const kept = new Map<string, Uint8Array>()
      const [first] = yield* readyWith(kept)
      const other = yield* openStage(second, { ...hostContext, openCache: () => Effect.succeed(cacheIn(kept)) })
      assert.isTrue(isKept(first!))
      assert.isFalse(isKept(other))
      yield* runHost([first!, other], yield* sampleInput(toySource(5), 1), null)
      assert.strictEqual(kept.size, 1)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("says which stage threw on which sample", () =>
    Effect.gen(function* () {
      const stages = yield* openStages(toyPipeline({ count: 12 }), hostContext)
      const failed = yield* Effect.flip(runHost(stages, yield* sampleInput(toySource(5, { explodes: [2] }), 2), null))
      assert.strictEqual(failed.message, "sample toy/2: failed(letters: no such letter)")
      const refused = yield* Effect.flip(runHost(stages, yield* sampleInput(toySource(5, { unreadable: [2] }), 2), null))
      assert.strictEqual(refused.message, "sample toy/2: unreadable(toy)")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("prepareSample", () => {
  it.live("prepares what is missing and says what was there", () =>
    Effect.gen(function* () {
      const stages = yield* readyWith(new Map())
      const input = yield* sampleInput(toySource(5), 1)
      assert.deepStrictEqual(yield* prepareSample(stages, input), { kept: 1, found: 0 })
      assert.deepStrictEqual(yield* prepareSample(stages, input), { kept: 1, found: 1 })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("preparedKey", () => {
  it.live("is a function of stage, version, settings, asset and input", () =>
    Effect.gen(function* () {
      const stage = letters({ count: 6 })
      const ready = yield* openStage(stage, hostContext)
      assert.strictEqual(ready.identity, identityOf(letters({ count: 6 }, "another name"), ""))
      const others = [identityOf({ ...stage, version: 2 }, ""), identityOf(letters({ count: 7 }), ""), identityOf(stage, "asset")]
      assert.strictEqual(new Set([ready.identity, ...others]).size, 4)
      assert.notStrictEqual(preparedKey(ready, "a"), preparedKey(ready, "b"))
      assert.match(preparedKey(ready, "a"), /^[0-9a-f]{64}$/)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
