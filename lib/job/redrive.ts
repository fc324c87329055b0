import { Effect } from "effect"
import { Queue } from "../queue/queue.ts"
import { BlobStore } from "../store/blob/blob-store.ts"
import { classOf, type JobKind } from "./job.ts"
import { keys } from "./keys.ts"
import { FailureRecord, readRecord } from "./records.ts"
import type { QueueUrls } from "./send-jobs.ts"
import { jobStates } from "./states.ts"

const pollSeconds = 1

/** Takes a submission's messages out of a dead-letter queue: the store has them all, with why. Others' are left. */
const forget = Effect.fnUntraced(function* (url: string, bodies: ReadonlySet<string>) {
  const queue = yield* Queue
  const { deadLetters } = yield* queue.attributes(url)
  if (deadLetters === undefined) return 0
  const dead = yield* queue.find(deadLetters.name)
  let taken = 0
  const left: string[] = []
  for (let round = 0; round < 1_000; round++) {
    const messages = yield* queue.receive(dead, { max: 10, waitSeconds: pollSeconds, visibilitySeconds: 60 })
    if (messages.length === 0) break
    for (const { body, handle } of messages) {
      if (bodies.has(body)) {
        taken++
        yield* Effect.ignore(queue.delete(dead, handle))
      } else left.push(handle)
    }
  }
  for (const handle of left) yield* Effect.ignore(queue.changeVisibility(dead, handle, 0))
  return taken
})

/**
 * Sends the jobs that a submission gave up once more, with a clean slate: their failures are forgotten first. Does so by itself, for
 * not every server moves messages. Gives how many jobs there were.
 */
export const redrive = Effect.fn("job.redrive")(function* (name: string, urls: QueueUrls) {
  const queue = yield* Queue
  const store = yield* BlobStore
  const { dead, failed } = yield* jobStates(name)
  const bodies = new Set<string>()
  for (const { key, job, kind } of dead) {
    const record = yield* readRecord(key, FailureRecord)
    if (record?.body === undefined) continue
    for (const failure of failed) if (failure.job === job) yield* store.delete(failure.key)
    yield* queue.send(urls[classOf[kind as JobKind]], { body: record.body })
    yield* store.delete(key)
    bodies.add(record.body)
  }
  if (bodies.size > 0) yield* store.delete(keys.failedWhole(name))
  for (const url of new Set(Object.values(urls))) yield* forget(url, bodies)
  return bodies.size
})
