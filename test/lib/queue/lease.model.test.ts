import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, ManagedRuntime, Scope } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { holdLease, type Lease } from "../../../lib/queue/lease.ts"
import { Queue, type QueueOperations } from "../../../lib/queue/queue.ts"
import { QueueUnavailable } from "../../../lib/queue/queue-error.ts"
import { memoryQueue } from "../../faults/memory-queue.ts"
import { seed } from "../../seed.ts"

const visibilitySeconds = 12

/** A job under way somewhere: what is known of it from outside. */
interface Job {
  readonly body: string
  readonly worker: number
  readonly lease: Lease
  readonly scope: Scope.Closeable
  /** Whether the job runs; only its lease stops it. */
  running: boolean
  /** Whether its worker deleted it, put it back, or died. */
  over: boolean
  /** Whether its worker was ever cut off while it had it. */
  cut: boolean
}

/** What must hold of the queue: which messages were sent, and which deleted. */
interface Model {
  readonly sent: Set<string>
  readonly deleted: Set<string>
}

interface Real {
  readonly run: <A, E>(effect: Effect.Effect<A, E, Queue>) => Promise<A>
  readonly url: string
  readonly jobs: Job[]
  readonly cut: Set<number>
}

type Command = fc.AsyncCommand<Model, Real>

const live = ({ jobs }: Real): readonly Job[] => jobs.filter(({ over }) => !over)

const check = ({ deleted }: Model, real: Real): void => {
  const running = real.jobs.filter(({ running, over }) => running && !over).map(({ body }) => body)
  assert.deepEqual(running, [...new Set(running)], "two workers run one job")
  for (const body of running) assert.isFalse(deleted.has(body), `${body} runs after its deletion`)
  for (const { body, running, over, cut } of real.jobs)
    if (!over && !cut) assert.isTrue(running, `${body} was stopped for nothing`)
}

const command = (text: string, run: (model: Model, real: Real) => Promise<void>): Command => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real)
    check(model, real)
  },
  toString: () => text
})

const overNetwork = (queue: QueueOperations, up: () => boolean): QueueOperations => ({
  ...queue,
  changeVisibility: (url, handle, seconds) =>
    Effect.suspend(() =>
      up()
        ? queue.changeVisibility(url, handle, seconds)
        : Effect.fail(new QueueUnavailable({ queue: "jobs", operation: "changeVisibility", reason: "ENETDOWN" }))
    )
})

const send = fc.constant(
  command("send", (model, { run, url }) => {
    const body = `${model.sent.size}`
    model.sent.add(body)
    return run(Effect.asVoid(Effect.flatMap(Queue, (queue) => queue.send(url, { body }))))
  })
)

const receive = fc.nat(2).map((worker) =>
  command(`worker ${worker} receives`, (_, { run, url, jobs, cut }) =>
    run(
      Effect.gen(function* () {
        if (cut.has(worker)) return
        const queue = yield* Queue
        for (const message of yield* queue.receive(url, { max: 1, waitSeconds: 0, visibilitySeconds })) {
          const scope = yield* Scope.make()
          const lease = yield* holdLease(url, message, { visibilitySeconds }).pipe(
            Effect.provideService(
              Queue,
              overNetwork(queue, () => !cut.has(worker))
            ),
            Scope.provide(scope)
          )
          const job: Job = { body: message.body, worker, lease, scope, running: true, over: false, cut: false }
          jobs.push(job)
          const stopped = Effect.sync(() => {
            job.running = false
          })
          yield* Effect.forkIn(Effect.ignore(Effect.ensuring(lease.run(Effect.never), stopped)), scope)
        }
      })
    )
  )
)

const pass = fc.integer({ min: 1, max: 30 }).map((seconds) =>
  command(`${seconds} s pass`, async (model, real) => {
    for (let second = 0; second < seconds; second++) {
      await real.run(TestClock.adjust("1 second"))
      check(model, real)
    }
  })
)

const cutOff = fc.tuple(fc.nat(2), fc.boolean()).map(([worker, off]) =>
  command(`worker ${worker} is ${off ? "cut off" : "back"}`, async (_, real) => {
    if (off) real.cut.add(worker)
    else real.cut.delete(worker)
    for (const job of live(real)) if (off && job.worker === worker) job.cut = true
  })
)

const end = fc.tuple(fc.nat(9), fc.constantFrom("deletes", "puts back", "dies with")).map(([which, how]) =>
  command(`a worker ${how} job ${which}`, async ({ deleted }, real) => {
    const job = live(real)[which % Math.max(1, live(real).length)]
    if (job === undefined || (real.cut.has(job.worker) && how !== "dies with")) return
    const wasRunning = job.running
    job.over = true
    if (how === "deletes") {
      const exit = await real.run(Effect.exit(job.lease.delete))
      assert.strictEqual(Exit.isSuccess(exit), wasRunning, "a deletion succeeds while the lease is held, and only then")
      if (wasRunning) deleted.add(job.body)
    } else if (how === "puts back") await real.run(job.lease.putBack(which))
    await real.run(Scope.close(job.scope, Exit.void))
  })
)

/** With everybody gone, every message that was not deleted comes once more, and no other. */
const nothingIsLost = async ({ sent, deleted }: Model, real: Real): Promise<void> => {
  for (const job of live(real)) await real.run(Scope.close(job.scope, Exit.void))
  const left = await real.run(
    Effect.gen(function* () {
      yield* TestClock.adjust(`${2 * visibilitySeconds} seconds`)
      const queue = yield* Queue
      const bodies: string[] = []
      for (let got = 1; got > 0; ) {
        const messages = yield* queue.receive(real.url, { max: 10, waitSeconds: 0, visibilitySeconds: 600 })
        got = messages.length
        bodies.push(...messages.map(({ body }) => body))
      }
      return bodies
    })
  )
  assert.deepEqual(left.sort(), [...sent].filter((body) => !deleted.has(body)).sort())
}

describe("the lease protocol", () => {
  it("runs a job in one place at a time, stops none for nothing and loses no message, whatever happens", async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands([send, receive, pass, cutOff, end], { size: "+1", maxCommands: 60 }), async (commands) => {
        const runtime = ManagedRuntime.make(Layer.fresh(Layer.merge(memoryQueue, TestClock.layer())))
        const run: Real["run"] = (effect) => runtime.runPromise(effect)
        try {
          const url = await run(Effect.flatMap(Queue, (queue) => queue.create("jobs", { visibilitySeconds })))
          const model: Model = { sent: new Set(), deleted: new Set() }
          const real: Real = { run, url, jobs: [], cut: new Set() }
          await fc.asyncModelRun(() => ({ model, real }), commands)
          await nothingIsLost(model, real)
        } finally {
          await runtime.dispose()
        }
      }),
      { seed, numRuns: 40 }
    )
  })
})
