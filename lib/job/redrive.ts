import { Effect, Schema } from "effect"
import { Queue } from "../queue/queue.ts"
import { BlobStore } from "../store/blob/blob-store.ts"
import { classOf, type JobKind } from "./job.ts"
import { keys } from "./keys.ts"
import { FailureRecord, readRecord } from "./records.ts"
import type { QueueUrls } from "./send-jobs.ts"
import { jobStates } from "./states.ts"

const pollSeconds = 1

const Outline = Schema.fromJsonString(
  Schema.Struct({
    format: Schema.Literal("semmim-job"),
    submission: Schema.String,
    job: Schema.optionalKey(Schema.Struct({ kind: Schema.Literals(["prepare", "embed", "evaluate", "train", "merge"]) }))
  })
)

/**
 * Takes a submission's messages out of a queue's dead letters: those in `bodies` are in the store, with the reason. Its others
 * were moved there since they were received too often (workers ended during them, or access to the store was denied), and are
 * sent again. Those of other submissions are left. Returns the number of messages sent.
 */
const emptied = Effect.fnUntraced(function* (url: string, name: string, bodies: ReadonlySet<string>, urls: QueueUrls) {
  const queue = yield* Queue
  const { deadLetters } = yield* queue.attributes(url)
  if (deadLetters === undefined) return 0
  const dead = yield* queue.find(deadLetters.name)
  let sent = 0
  const left: string[] = []
  for (let round = 0; round < 1_000; round++) {
    const messages = yield* queue.receive(dead, { max: 10, waitSeconds: pollSeconds, visibilitySeconds: 60 })
    if (messages.length === 0) break
    const gone: string[] = []
    for (const { body, handle } of messages) {
      const outline = Schema.decodeUnknownOption(Outline)(body)
      if (outline._tag === "None" || outline.value.submission !== name) {
        left.push(handle)
        continue
      }
      if (!bodies.has(body)) {
        // The only kind of job that may be too large for its message is `embed`.
        yield* queue.send(urls[classOf[outline.value.job?.kind ?? "embed"]], { body })
        sent++
      }
      gone.push(handle)
    }
    // Concurrently, which makes one request.
    yield* Effect.forEach(gone, (handle) => Effect.ignore(queue.delete(dead, handle)), {
      concurrency: "unbounded",
      discard: true
    })
  }
  for (const handle of left) yield* Effect.ignore(queue.changeVisibility(dead, handle, 0))
  return sent
})

/**
 * Sends the jobs that a submission gave up again, after removing the records of their failures. Moves messages itself, since not
 * every server can. Returns the number of jobs.
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
  let sent = bodies.size
  for (const url of new Set(Object.values(urls))) sent += yield* emptied(url, name, bodies, urls)
  return sent
})
