import { hostname } from "node:os"
import { Cause, Deferred, Effect, Exit, Fiber, Semaphore } from "effect"
import { consume } from "../queue/consume.ts"
import type { Lease } from "../queue/lease.ts"
import { queueName } from "../queue/message-body.ts"
import { Queue } from "../queue/queue.ts"
import { QueueMissing } from "../queue/queue-error.ts"
import { bury } from "./bury.ts"
import type { Delivery } from "./delivery.ts"
import type { Fault } from "./handler.ts"
import type { Health } from "./health.ts"
import { recordIncident } from "./incident.ts"
import { inFlight, leaseLost, pollFault } from "./metrics.ts"
import { type Processing, processMessage } from "./process-message.ts"

/** A queue that a worker takes jobs from. */
export interface Pool {
  readonly url: string
  /** Number of concurrent jobs: cores for host jobs, GPUs for the others. */
  readonly concurrency: number
  /**
   * Number of further messages held, waiting for a free slot under a renewed lease: 0 where other workers should receive them
   * instead.
   */
  readonly buffer: number
}

/** Options of a worker. */
export interface WorkerOptions {
  readonly pools: readonly Pool[]
  readonly processing: Processing
  /** Completed when the worker is to drain. */
  readonly stop: Deferred.Deferred<void>
  /** Seconds from then on after which running jobs are interrupted and put back. */
  readonly drainSeconds: number
  readonly visibilitySeconds: number
  readonly pollSeconds: number
}

/** Returns a name for records: machine and process. */
export const workerName = (): string =>
  `${hostname()
    .replace(/[^A-Za-z0-9.-]/g, "-")
    .slice(0, 40)}-${process.pid}`

/** Returns the dead-letter queue of a queue, where it declares one. */
const deadLettersOf = Effect.fnUntraced(function* (url: string) {
  const queue = yield* Queue
  const { deadLetters } = yield* queue.attributes(url)
  return deadLetters === undefined ? undefined : yield* queue.find(deadLetters.name)
})

/** Carries out a delivery; a lease lost meanwhile does no harm. */
const carryOut = Effect.fnUntraced(function* (lease: Lease, delivery: Delivery, url: string, deadLetters: string | undefined) {
  const queue = yield* Queue
  if (delivery._tag === "Retry") return yield* lease.putBack(delivery.seconds)
  if (delivery._tag === "Again")
    yield* queue.send(url, { body: lease.message.body, delaySeconds: Math.max(0, Math.min(900, Math.round(delivery.seconds))) })
  if (delivery._tag === "Dead" && deadLetters !== undefined) yield* bury(deadLetters, lease.message.body)
  yield* lease.delete
})

/**
 * Works until it is stopped: takes messages from its queues, runs their jobs under leases, and deletes a message only after its
 * output is committed. A lost lease stops only that job. Fails where a queue is gone or access to it denied.
 *
 * When stopped, it ends its polls, puts back waiting messages, lets running jobs finish for `drainSeconds`, and then interrupts
 * them.
 */
export const work = Effect.fn("worker.work")(function* (options: WorkerOptions) {
  const { pools, processing, stop, drainSeconds, visibilitySeconds, pollSeconds } = options
  let held = 0
  let ended = 0
  let faults = 0

  const one = (pool: Pool) =>
    Effect.gen(function* () {
      const { url, concurrency, buffer } = pool
      const turns = yield* Semaphore.make(concurrency)
      const deadLetters = yield* deadLettersOf(url)
      const counted = (change: number) =>
        Effect.suspend(() => {
          held += change
          return inFlight(held)
        })
      /** Waits for a free slot, unless the worker is stopped first. */
      const turnCame = Effect.raceFirst(Effect.as(Semaphore.take(turns, 1), true), Effect.as(Deferred.await(stop), false))
      const turn = Effect.fnUntraced(function* (lease: Lease) {
        const job = lease.run(processMessage(lease.message, processing))
        // The next job need not wait until this one's message is deleted.
        const delivery = yield* Effect.ensuring(job, Semaphore.release(turns, 1))
        yield* carryOut(lease, delivery, url, deadLetters)
        ended++
      })
      const handle = (lease: Lease) =>
        counted(1).pipe(
          Effect.andThen(lease.run(turnCame)),
          Effect.flatMap((came) => (came ? turn(lease) : lease.putBack(0))),
          Effect.catchTag("LeaseLost", (error) => Effect.andThen(leaseLost, Effect.logWarning(error.message))),
          Effect.catch((error) => Effect.andThen(Effect.logError(error.message), lease.putBack(5))),
          Effect.ensuring(counted(-1))
        )
      yield* consume(
        url,
        {
          inFlight: concurrency + buffer,
          waitSeconds: pollSeconds,
          visibilitySeconds,
          stop,
          onFault: (error) => {
            faults++
            return Effect.andThen(pollFault, Effect.logWarning(error.message))
          }
        },
        handle
      )
      if (!Deferred.isDoneUnsafe(stop)) return yield* new QueueMissing({ queue: queueName(url) })
    })

  const recorded = (error: Fault) => recordIncident(error, processing.worker)
  const all = yield* Effect.forkChild(
    Effect.forEach(pools, (pool) => Effect.tapError(one(pool), recorded), { concurrency: "unbounded", discard: true })
  )
  const deadline = Deferred.await(stop).pipe(
    Effect.andThen(Effect.sleep(`${drainSeconds} seconds`)),
    Effect.andThen(Effect.logWarning(`${drainSeconds} s to drain are over: what still runs is put back`)),
    Effect.andThen(Fiber.interrupt(all)),
    Effect.asVoid
  )
  const health = (): Health => ({ healthy: true, draining: Deferred.isDoneUnsafe(stop), held, ended, faults })
  // Interruption by the deadline is the regular end of the pools.
  const pooled = Effect.flatMap(Fiber.await(all), (exit) =>
    Exit.isFailure(exit) && Deferred.isDoneUnsafe(stop) && Cause.hasInterruptsOnly(exit.cause) ? Effect.void : exit
  )
  return { health, ended: Effect.raceFirst(pooled, Effect.andThen(deadline, Effect.never)) }
})
