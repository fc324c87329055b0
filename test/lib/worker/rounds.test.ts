import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer } from "effect"
import { JobFailed } from "../../../lib/job/job-error.ts"
import { keys } from "../../../lib/job/keys.ts"
import { parameterLayout } from "../../../lib/model/layout.ts"
import { BlobStore } from "../../../lib/store/blob/blob-store.ts"
import type { Closing, Round } from "../../../lib/train/rounds/records.ts"
import { replicaPipeline } from "../../../lib/train/rounds/replica-pipeline.ts"
import { decodeSlots } from "../../../lib/train/rounds/tensors.ts"
import type { JobHandlers } from "../../../lib/worker/handler.ts"
import { type Held, heldJson } from "../../toy/memory-store.ts"
import { partedPipeline } from "../../toy/parted.ts"
import { toyPipeline } from "../../toy/pipeline.ts"
import { rough, within, world } from "../../toy/rounds-world.ts"

/** The digest of the checkpoint that a submission came to. */
const resultOf = (held: Held): string => {
  const finished = heldJson(held, keys.finished("toy")) as { evaluation: string }
  assert.match(finished.evaluation, /^evaluate-/)
  return finished.evaluation
}

describe("training in rounds", () => {
  it.live(
    "comes to the same whatever the workers, faults, duplicates and kills",
    () =>
      Effect.gen(function* () {
        const calm: Held = new Map()
        yield* Effect.scoped(
          Effect.gen(function* () {
            const { startWorker, settled } = yield* world({})
            yield* startWorker()
            const status = yield* settled
            assert.strictEqual(status.state, "finished")
            assert.deepStrictEqual(
              status.kinds.map(({ kind, done, total }) => [kind, done, total]),
              [
                ["prepare", 0, 0],
                ["train", 4, 4],
                ["merge", 2, 2],
                ["evaluate", 1, 1]
              ]
            )
          })
        ).pipe(Effect.provide(within(calm)))

        for (const nth of [1]) {
          const held: Held = new Map()
          yield* Effect.scoped(
            Effect.gen(function* () {
              const { startWorker, settled } = yield* Effect.retry(world({ deadlineSeconds: 30 }), { times: 50 })
              const first = yield* startWorker()
              yield* startWorker()
              const killer = Effect.gen(function* () {
                yield* Effect.sleep("120 millis")
                yield* Fiber.interrupt(first.fiber)
                yield* startWorker()
              })
              yield* Effect.forkScoped(killer)
              assert.strictEqual((yield* settled).state, "finished")
            })
          ).pipe(Effect.provide(rough(held, nth)))
          assert.strictEqual(resultOf(held), resultOf(calm))
        }
      }),
    240_000
  )

  it.live(
    "trains a batch in parts, all of them shared by the replicas",
    () =>
      Effect.gen(function* () {
        const outcome = (held: Held, workers: number) =>
          Effect.scoped(
            Effect.gen(function* () {
              const { startWorker, settled } = yield* world({}, undefined, { pipeline: partedPipeline({ part: "toy:10" }) })
              for (let i = 0; i < workers; i++) yield* startWorker()
              const status = yield* settled
              assert.strictEqual(status.state, "finished", status.why ?? "")
              return resultOf(held)
            })
          ).pipe(Effect.provide(within(held)))
        assert.strictEqual(yield* outcome(new Map(), 2), yield* outcome(new Map(), 1))
      }),
    60_000
  )

  it.live(
    "closes a round with a quorum where a replica is lost, and goes on without it",
    () => {
      const held: Held = new Map()
      const lossy = (handlers: JobHandlers): JobHandlers => ({
        ...handlers,
        train: {
          ...handlers.train,
          run: (job, context) =>
            job.replica === 3 && job.round === 0
              ? Effect.fail(new JobFailed({ reason: "lost", detail: "the replica" }))
              : handlers.train.run(job, context)
        }
      })
      return Effect.scoped(
        Effect.gen(function* () {
          const { startWorker, settled } = yield* world({ replicas: 4, deadlineSeconds: 2 }, lossy)
          yield* startWorker()
          const status = yield* settled
          assert.strictEqual(status.state, "finished")
          const first = heldJson(held, keys.closed("toy", 0)) as { used: { replica: number }[]; missing: number[] }
          assert.deepStrictEqual([first.used.map(({ replica }) => replica), first.missing], [[0, 1, 2], [3]])
          const second = heldJson(held, keys.round("toy", 1)) as { replicas: { replica: number; state: string | null }[] }
          assert.deepStrictEqual(
            second.replicas.map(({ replica, state }) => [replica, state === null]),
            [
              [0, false],
              [1, false],
              [2, false],
              [3, true]
            ]
          )
        })
      ).pipe(Effect.provide(within(held)))
    },
    60_000
  )

  it.live(
    "issues replicas again below the quorum, and then says why it failed",
    () => {
      const held: Held = new Map()
      const broken = (handlers: JobHandlers): JobHandlers => ({
        ...handlers,
        train: {
          ...handlers.train,
          run: (job, context) =>
            job.replica === 1
              ? Effect.fail(new JobFailed({ reason: "lost", detail: "the replica" }))
              : handlers.train.run(job, context)
        }
      })
      return Effect.scoped(
        Effect.gen(function* () {
          const { startWorker, settled } = yield* world({ deadlineSeconds: 1, reissues: 2 }, broken)
          yield* startWorker()
          const status = yield* settled
          assert.strictEqual(status.state, "failed")
          assert.match(status.why ?? "", /^below-quorum: round 0 has 1 of 2 deltas after 2 more tries/)
          assert.isTrue(held.has(keys.reissued("toy", 0, 1)) && held.has(keys.reissued("toy", 0, 2)))
        })
      ).pipe(Effect.provide(within(held)))
    },
    60_000
  )

  it.live(
    "grows its rounds as the learning rate falls, and keeps the tensors of the last ones only",
    () => {
      const held: Held = new Map()
      return Effect.scoped(
        Effect.gen(function* () {
          const { startWorker, settled } = yield* world({ localSteps: 4, growth: 1 })
          yield* startWorker()
          assert.strictEqual((yield* settled).state, "finished")
          const lengths = [0, 1, 2, 3, 4, 5].map((round) => (heldJson(held, keys.round("toy", round)) as Round).steps)
          assert.deepStrictEqual(lengths, [1, 1, 1, 1, 2, 4])
          const closings = lengths.map((_, round) => heldJson(held, keys.closed("toy", round)) as Closing)
          const isKept = (digest: string) => held.has(keys.content("toy", digest))
          assert.deepStrictEqual(
            closings.map(({ used }) => used.every(({ delta }) => isKept(delta))),
            [false, false, false, false, true, true]
          )
          // The states of round 3 are what round 4 started from.
          assert.deepStrictEqual(
            closings.map(({ used }) => used.every(({ state }) => isKept(state))),
            [false, false, false, true, true, true]
          )
          assert.isTrue(closings.every(({ used }) => used.every(({ metrics }) => isKept(metrics))))
        })
      ).pipe(Effect.provide(within(held)))
    },
    60_000
  )

  it.live(
    "deletes what is not needed also where a worker died between opening a round and deleting",
    () => {
      const held: Held = new Map()
      let deaths = 0
      const dying = (handlers: JobHandlers): JobHandlers => ({
        ...handlers,
        merge: {
          ...handlers.merge,
          followUp: Effect.fnUntraced(function* (job, context, output) {
            const follow = handlers.merge.followUp!(job, context, output)
            if (deaths > 0 || !held.has(keys.round("toy", 2))) return yield* follow
            const store = yield* BlobStore
            yield* Effect.provideService(follow, BlobStore, {
              ...store,
              delete: () => Effect.die("nothing may be deleted")
            }).pipe(Effect.ignoreCause)
            deaths++
            return yield* new JobFailed({ reason: "died", detail: "after its round was opened" })
          })
        }
      })
      return Effect.scoped(
        Effect.gen(function* () {
          const { startWorker, settled } = yield* world({ localSteps: 1 }, dying)
          yield* startWorker()
          assert.strictEqual((yield* settled).state, "finished")
          assert.strictEqual(deaths, 1)
          // The merge is received again in its own time, which may be after the end of all.
          const { used } = heldJson(held, keys.closed("toy", 1)) as Closing
          while (used.some(({ delta }) => held.has(keys.content("toy", delta)))) yield* Effect.sleep("30 millis")
        })
      ).pipe(Effect.provide(within(held)))
    },
    60_000
  )

  it.live(
    "of one replica, without outer momentum, is training as ever",
    () => {
      const held: Held = new Map()
      return Effect.scoped(
        Effect.gen(function* () {
          const { startWorker, settled } = yield* world({ replicas: 1, localSteps: 3, rate: 1, momentum: 0 })
          yield* startWorker()
          assert.strictEqual((yield* settled).state, "finished")
          const other: Held = new Map()
          yield* Effect.scoped(
            Effect.gen(function* () {
              const whole = yield* world({ replicas: 1, localSteps: 10, rate: 1, momentum: 0 })
              yield* whole.startWorker()
              assert.strictEqual((yield* whole.settled).state, "finished")
            })
          ).pipe(Effect.provide(Layer.fresh(within(other))))
          const student = (from: Held, round: number) => {
            const layout = parameterLayout(replicaPipeline(toyPipeline({ batch: 4 }), 1))
            const merged = [...from.keys()]
              .filter((key) => /state\/merge-.*\.done$/.test(key))
              .map((key) => heldJson(from, key) as { files: { checkpoint: { sha256: string } } })
            const checkpoints = merged.map(
              ({ files }) => heldJson(from, keys.content("toy", files.checkpoint.sha256)) as { round: number; model: string }
            )
            const { model } = checkpoints.find((each) => each.round === round)!
            return decodeSlots(layout.slots, layout.length, from.get(keys.content("toy", model))!.content, "model")
          }
          const [a, b] = [student(held, 4), student(other, 1)]
          for (const [i, value] of a.entries()) assert.closeTo(value, b[i]!, 1e-5)
        })
      ).pipe(Effect.provide(within(held)))
    },
    60_000
  )
})
