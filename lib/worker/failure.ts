import { Clock, Effect } from "effect"
import { slug } from "../job/job-error.ts"
import { keys } from "../job/keys.ts"
import { type FailureRecord, putRecord } from "../job/records.ts"
import { BlobStore } from "../store/blob/blob-store.ts"
import type { Fault } from "./handler.ts"

/** Number of a job's own failures after which it is given up. */
export const maxAttempts = 3

/** Origin of a failure: the job's own; one that no retry can resolve; or the store, the queue or the machine. */
export type Blame = "own" | "refused" | "elsewhere"

const elsewhere = new Set([
  "BlobUnavailable",
  "BlobRefused",
  "StoreUnconditional",
  "QueueUnavailable",
  "QueueRefused",
  "QueueMissing",
  "LeaseLost"
])

/** Returns the origin of an error. */
export const blameOf = ({ _tag }: Fault): Blame => (_tag === "JobRefused" ? "refused" : elsewhere.has(_tag) ? "elsewhere" : "own")

/** Returns the reason of an error in a few words: its own where it has one, else its name. */
export const reasonOf = (fault: Fault): string =>
  slug((fault._tag === "JobRefused" || fault._tag === "JobFailed") && "reason" in fault ? String(fault.reason) : fault._tag)

const longestDetail = 2_000

/** Returns the record of an error. */
export const failureRecord = Effect.fnUntraced(function* (fault: Fault, worker: string, body?: string) {
  const now = new Date(yield* Clock.currentTimeMillis)
  return {
    reason: reasonOf(fault),
    detail: fault.message.replace(/\s*\n\s*/g, " ").slice(0, longestDetail),
    worker,
    at: now.toISOString(),
    ...(body === undefined ? {} : { body })
  } satisfies FailureRecord
})

/** Records a job's own failure; returns the number of its failures so far. */
export const recordFailure = Effect.fn("worker.recordFailure")(function* (
  submission: string,
  job: string,
  fault: Fault,
  worker: string
) {
  const store = yield* BlobStore
  const { blobs } = yield* store.list(`${keys.stateOf(submission, job)}failed.`)
  const count = blobs.length + 1
  yield* putRecord(keys.failed(submission, job, count, reasonOf(fault)), yield* failureRecord(fault, worker))
  return count
})

/** Records that a job was given up, with its message, which `redrive` sends again. */
export const recordDeath = Effect.fn("worker.recordDeath")(function* (
  submission: string,
  job: string,
  fault: Fault,
  worker: string,
  body: string
) {
  yield* putRecord(keys.dead(submission, job, reasonOf(fault)), yield* failureRecord(fault, worker, body))
})
