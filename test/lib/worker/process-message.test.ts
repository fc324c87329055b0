import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { cancelSubmission } from "../../../lib/job/cancel.ts"
import type { Job } from "../../../lib/job/job.ts"
import { JobFailed, JobRefused } from "../../../lib/job/job-error.ts"
import { jobKey } from "../../../lib/job/job-key.ts"
import { keys } from "../../../lib/job/keys.ts"
import { statusOf } from "../../../lib/job/status.ts"
import { BlobUnavailable } from "../../../lib/store/blob/blob-error.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import type { JobOutcome, JobServices } from "../../../lib/worker/handler.ts"
import { deployMillis, processMessage } from "../../../lib/worker/process-message.ts"
import {
  made,
  shardJob,
  storedSubmission,
  toyHandlers,
  toyMessage,
  toyOrigin,
  toyProcessing,
  toyServices
} from "../../toy/jobs.ts"
import { type Held, heldJson } from "../../toy/memory-store.ts"

const job = shardJob(3)
const key = jobKey(toyOrigin().pipeline, job)

/** Processes messages with a store of their own. */
const world = <A, E>(
  run: (job: Job) => Effect.Effect<JobOutcome, { readonly _tag: string; readonly message: string }>,
  test: (w: {
    readonly held: Held
    readonly runs: ReadonlyMap<string, number>
    readonly deliver: (body: string, more?: { sentMillis?: number; receiveCount?: number }) => ReturnType<typeof processMessage>
  }) => Effect.Effect<A, E, JobServices>,
  limitSeconds?: number
) => {
  const held: Held = new Map()
  const { handlers, runs } = toyHandlers(run, limitSeconds)
  const processing = toyProcessing(handlers)
  const deliver = (body: string, { sentMillis = 0, receiveCount = 1 } = {}) =>
    processMessage({ body, sentMillis, receiveCount }, processing)
  return Effect.gen(function* () {
    yield* storedSubmission()
    return yield* test({ held, runs, deliver })
  }).pipe(Effect.provide(toyServices(held)))
}

const works = (job: Job) => Effect.succeed(made(job))
const marks = (held: Held) =>
  [...held.keys()].filter((name) => name.startsWith(keys.states("toy"))).map((name) => name.slice(keys.states("toy").length))

describe("a message", () => {
  it.effect("has its job done and its output committed once, however often it is delivered", () =>
    world(works, ({ held, runs, deliver }) =>
      Effect.gen(function* () {
        const body = yield* toyMessage(job)
        for (let i = 0; i < 3; i++) assert.deepStrictEqual(yield* deliver(body), { _tag: "Delete" })
        assert.deepStrictEqual([...runs.values()], [1])
        const record = heldJson(held, keys.done("toy", key)) as { files: { a: { sha256: string } } }
        const content = held.get(keys.content("toy", record.files.a.sha256))!.content
        assert.strictEqual(sha256(content), record.files.a.sha256)
      })
    )
  )

  it.effect("delivered twice at once has one output, the first committed", () => {
    let nth = 0
    const differs = () =>
      Effect.gen(function* () {
        const own = nth++
        yield* Effect.yieldNow
        return { files: { a: Uint8Array.of(own) }, result: own } satisfies JobOutcome
      })
    return world(differs, ({ held, deliver }) =>
      Effect.gen(function* () {
        const body = yield* toyMessage(job)
        const verdicts = yield* Effect.all([deliver(body), deliver(body), deliver(body)], { concurrency: "unbounded" })
        assert.deepStrictEqual(
          verdicts.map(({ _tag }) => _tag),
          ["Delete", "Delete", "Delete"]
        )
        assert.strictEqual(nth, 3)
        assert.strictEqual(marks(held).filter((name) => name.endsWith(".done")).length, 1)
      })
    )
  })

  it.effect("is put back after a failure of its own, and given up after three, with its error beside it", () =>
    world(
      () => Effect.fail(new JobFailed({ reason: "broken", detail: "no good" })),
      ({ held, deliver }) =>
        Effect.gen(function* () {
          const body = yield* toyMessage(job)
          assert.strictEqual((yield* deliver(body))._tag, "Retry")
          assert.strictEqual((yield* deliver(body))._tag, "Retry")
          assert.strictEqual((yield* deliver(body))._tag, "Dead")
          assert.deepStrictEqual(marks(held).sort(), [
            `${key}.dead.broken`,
            `${key}.failed.1-broken`,
            `${key}.failed.2-broken`,
            `${key}.failed.3-broken`
          ])
          const record = heldJson(held, keys.dead("toy", key, "broken")) as { detail: string; body: string }
          assert.strictEqual(record.detail, "broken: no good")
          assert.strictEqual(record.body, body)
          const status = yield* statusOf("toy")
          assert.deepInclude(status.reasons, { reason: "broken", given: "dead", count: 1, example: "broken: no good" })
        })
    )
  )

  it.effect("that threw is a failure of its own too", () =>
    world(
      () => Effect.die(new TypeError("undefined is not a shard")),
      ({ held, deliver }) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* deliver(yield* toyMessage(job)))._tag, "Retry")
          assert.deepStrictEqual(marks(held), [`${key}.failed.1-defect`])
        })
    )
  )

  it.effect("is put back any number of times where the store is at fault, and that is no failure of its own", () =>
    world(
      () => Effect.fail(new BlobUnavailable({ store: "s", key: "k", operation: "put", reason: "SlowDown" })),
      ({ held, deliver }) =>
        Effect.gen(function* () {
          for (let receiveCount = 1; receiveCount <= 6; receiveCount++)
            assert.strictEqual((yield* deliver(yield* toyMessage(job), { receiveCount }))._tag, "Retry")
          assert.deepStrictEqual(marks(held), [])
        })
    )
  )

  it.effect("whose job takes longer than it may is a failure with that reason", () =>
    world(
      () => Effect.never,
      ({ held, deliver }) =>
        Effect.gen(function* () {
          const fiber = yield* Effect.forkChild(deliver(yield* toyMessage(job)))
          yield* TestClock.adjust("7 seconds")
          assert.strictEqual((yield* Fiber.join(fiber))._tag, "Retry")
          assert.deepStrictEqual(marks(held), [`${key}.failed.1-time-limit`])
        }),
      5
    )
  )

  it.effect("that is not done yet is asked again later, which is no failure", () =>
    world(
      () => Effect.succeed({ later: 17 }),
      ({ held, deliver }) =>
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* deliver(yield* toyMessage(job)), { _tag: "Again", seconds: 17 })
          assert.deepStrictEqual(marks(held), [])
        })
    )
  )

  it.effect("of a submission that was cancelled is deleted without its job", () =>
    world(works, ({ runs, deliver }) =>
      Effect.gen(function* () {
        yield* cancelSubmission("toy")
        assert.deepStrictEqual(yield* deliver(yield* toyMessage(job)), { _tag: "Delete" })
        assert.strictEqual(runs.size, 0)
        assert.strictEqual((yield* statusOf("toy")).state, "cancelled")
      })
    )
  )

  it.effect("from a newer semmim is put back for an hour, then given up", () =>
    world(works, ({ deliver }) =>
      Effect.gen(function* () {
        const body = (yield* toyMessage(job)).replace('"semmim":"1.2.3"', '"semmim":"1.3.0"')
        assert.strictEqual((yield* deliver(body, { sentMillis: 0 }))._tag, "Retry")
        yield* TestClock.setTime(deployMillis - 1)
        assert.strictEqual((yield* deliver(body, { sentMillis: 0, receiveCount: 9 }))._tag, "Retry")
        yield* TestClock.setTime(deployMillis)
        assert.strictEqual((yield* deliver(body, { sentMillis: 0, receiveCount: 10 }))._tag, "Dead")
        const { reasons } = yield* statusOf("toy")
        assert.deepStrictEqual(
          reasons.map(({ given, reason }) => [given, reason]),
          [["rejected", "from-the-future"]]
        )
      })
    )
  )

  it.effect("that is refused is given up at once", () =>
    world(
      () => Effect.fail(new JobRefused({ reason: "no-such-shard", detail: "shard 3 of 2" })),
      ({ held, deliver }) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* deliver(yield* toyMessage(job)))._tag, "Dead")
          assert.deepStrictEqual(marks(held), [`${key}.dead.no-such-shard`])
        })
    )
  )
})

describe("a bad message ends where status explains it:", () => {
  const bad: { readonly [what: string]: readonly [change: (body: string) => string, reason: string] } = {
    "text that is not JSON": [() => "not { json", "malformed-message"],
    "an unknown kind": [(body) => body.replace('"prepare"', '"exec"'), "malformed-message"],
    "a schema that is no number": [(body) => body.replace('"version":1', '"version":"1"'), "malformed-message"],
    "a submission that is not there": [
      (body) => body.replace('"submission":"toy"', '"submission":"other"'),
      "unknown-submission"
    ],
    "another pipeline's digest": [
      (body) => body.replace(/"pipeline":"[0-9a-f]{64}"/, `"pipeline":"${"1".repeat(64)}"`),
      "other-pipeline"
    ],
    "a path out of its prefix": [(body) => body.replace('"submission":"toy"', '"submission":"../toy"'), "malformed-message"],
    "a payload that is not there": [
      (body) => body.replace(/"job":\{[^}]*\}/, `"payload":{"bytes":9,"sha256":"${"2".repeat(64)}"}`),
      "missing-payload"
    ]
  }
  for (const [what, [change, reason]] of Object.entries(bad))
    it.effect(what, () =>
      world(works, ({ runs, deliver }) =>
        Effect.gen(function* () {
          const body = change(yield* toyMessage(job))
          assert.strictEqual((yield* deliver(body))._tag, "Dead")
          assert.strictEqual(runs.size, 0)
          const { reasons } = yield* statusOf("toy")
          assert.deepStrictEqual(
            reasons.map(({ given, reason, count }) => [given, reason, count]),
            [["rejected", reason, 1]]
          )
        })
      )
    )

  it.effect("a payload over 200 KB is kept in the store, and refused where it was altered", () =>
    world(works, ({ held, runs, deliver }) =>
      Effect.gen(function* () {
        const indices = Array.from({ length: 50_000 }, (_, i) => i)
        const large: Job = { kind: "embed", checkpoint: "0".repeat(64), samples: { indices } }
        const body = yield* toyMessage(large)
        assert.isBelow(body.length, 1000)
        assert.deepStrictEqual(yield* deliver(body), { _tag: "Delete" })
        assert.deepStrictEqual([...runs.keys()], [JSON.stringify(large)])
        const payload = [...held.keys()].find((name) => name.startsWith("toy/payloads/"))!
        held.get(payload)!.content = new TextEncoder().encode("{}")
        assert.strictEqual((yield* deliver(body))._tag, "Dead")
        assert.strictEqual((yield* statusOf("toy")).reasons[0]?.reason, "altered-payload")
      })
    )
  )
})
