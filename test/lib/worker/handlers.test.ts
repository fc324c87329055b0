import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Job } from "../../../lib/job/job.ts"
import { openRound } from "../../../lib/job/open-round.ts"
import { statusOf } from "../../../lib/job/status.ts"
import { submit } from "../../../lib/job/submit.ts"
import { toData } from "../../../lib/pipeline/pipeline.ts"
import type { Round } from "../../../lib/train/rounds/records.ts"
import { jobHandlers } from "../../../lib/worker/handlers/handlers.ts"
import { checkSource, tablesFor } from "../../../lib/worker/handlers/sources.ts"
import { processMessage } from "../../../lib/worker/process-message.ts"
import { toyConfig, toyMessage, toyProcessing, toyQueues, toyServices, toySubmission } from "../../toy/jobs.ts"
import { partedPipeline } from "../../toy/parted.ts"

/** What a message comes to with real handlers and a submission of the toy pipeline, and what status says of it. */
const judged = (jobOf: (round: Round) => Job, allowed: readonly string[] = ["toy:10"]) =>
  Effect.gen(function* () {
    const { urls } = yield* toyQueues()
    const submission = yield* submit(toySubmission({ prepare: { samples: 10, perShard: 4 } }), urls)
    // As if the shards were done: the first round is open.
    const replicas = [0, 1].map((replica) => ({ replica, state: null }))
    const origin = { submission: "toy", pipeline: submission.digest, semmim: submission.semmim }
    const round = yield* openRound(submission, { round: 0, checkpoint: submission.checkpoint, replicas, norms: [] }, urls, origin)
    const processing = toyProcessing(yield* jobHandlers(toyConfig(urls, allowed)))
    const body = yield* toyMessage(jobOf(round))
    const delivery = yield* processMessage({ body, sentMillis: 0, receiveCount: 1 }, processing)
    const { reasons } = yield* statusOf("toy")
    return [delivery._tag, ...reasons.map(({ given, reason }) => `${given} ${reason}`)]
  }).pipe(Effect.scoped, Effect.provide(toyServices(new Map())))

const train = (round: Round) =>
  ({ kind: "train", round: 0, replica: 0, attempt: 0, steps: round.steps, checkpoint: round.checkpoint, state: null }) as const
const other = "e".repeat(64)

describe("jobs that nobody asked for are given up:", () => {
  const cases: { readonly [what: string]: (round: Round) => Job } = {
    "a round that was never opened": (round) => ({ ...train(round), round: 5 }),
    "a replica that the round has not": (round) => ({ ...train(round), replica: 7 }),
    "another checkpoint": (round) => ({ ...train(round), checkpoint: other }),
    "another state": (round) => ({ ...train(round), state: other }),
    "another number of steps": (round) => ({ ...train(round), steps: round.steps + 1 })
  }
  for (const [what, jobOf] of Object.entries(cases))
    it.effect(what, () => Effect.map(judged(jobOf), (outcome) => assert.deepStrictEqual(outcome, ["Dead", "dead other-round"])))

  it.effect("a shard beyond the source, or of other samples than it covers", () =>
    Effect.gen(function* () {
      for (const job of [
        { kind: "prepare", shard: 3, first: 12, count: 4 },
        { kind: "prepare", shard: 1, first: 0, count: 4 },
        { kind: "prepare", shard: 1, first: 4, count: 5 }
      ] as const)
        assert.deepStrictEqual(yield* judged(() => job), ["Dead", "dead no-such-shard"])
    })
  )

  it.effect("a source that the worker was not told to read", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* judged(() => ({ kind: "prepare", shard: 0, first: 0, count: 4 }), []), [
        "Dead",
        "dead source-not-allowed"
      ])
    })
  )
})

describe("sources", () => {
  it.effect("that jobs may read are the embedded ones and those that the worker was told, exactly", () =>
    Effect.gen(function* () {
      const allowed = { allowedData: new Set(["s3://mine/data", "/data/cc3m"]) }
      for (const name of ["embedded:emoji", "s3://mine/data", "/data/cc3m"]) yield* checkSource(name, allowed)
      for (const name of ["s3://mine/data2", "/data/cc3m/../secret", "/etc", "embedded:../x", "embedded:emoji*0.5+/etc*0.5", ""])
        assert.strictEqual((yield* Effect.flip(checkSource(name, allowed))).reason, "source-not-allowed")
    })
  )

  it.effect("that are read for a part of the batch are among them too", () =>
    Effect.gen(function* () {
      const pipeline = toData(partedPipeline({ source: "toy:10", part: "toy:7" }))
      const tables = (allowed: readonly string[]) =>
        tablesFor({ pipeline, prepare: null } as never, toyConfig({ host: "", gpu: "" }, allowed), true)
      assert.property(yield* tables(["toy:10", "toy:7"]), "openSource")
      assert.include((yield* Effect.flip(tables(["toy:10"]))).message, "this worker was not given --allow-data 'toy:7'")
    }).pipe(Effect.provide(toyServices()))
  )
})
