import { Clock, Effect, Schema } from "effect"
import { BlobStore } from "../store/blob/blob-store.ts"
import type { JobKind } from "./job.ts"
import { JobRefused } from "./job-error.ts"
import { keys } from "./keys.ts"
import { FailureRecord, OutputRecord, readRecord } from "./records.ts"
import { type JobMark, type JobStates, jobStates } from "./states.ts"
import { Submission } from "./submission.ts"

/** Progress of the jobs of one kind. */
export interface KindStatus {
  readonly kind: string
  readonly done: number
  /** Number of jobs; null where it is not known beforehand. */
  readonly total: number | null
  readonly failures: number
  readonly dead: number
}

/** Failures with one reason: their number, and the last one in full. */
export interface ReasonStatus {
  readonly reason: string
  /** Kind: a job that failed or was given up, a rejected message, or an incident of a worker that no job caused. */
  readonly given: "failed" | "dead" | "rejected" | "incident"
  readonly count: number
  readonly example: string
}

/** State of a submission, all of it from the store. */
export interface Status {
  readonly submission: Submission
  readonly state: "running" | "finished" | "failed" | "cancelled"
  /** Reason of its failure. */
  readonly why: string | null
  readonly kinds: readonly KindStatus[]
  readonly reasons: readonly ReasonStatus[]
  /** Jobs done per second, over the last hundred; null before there are two. */
  readonly rate: number | null
  /** Estimated seconds of the remaining jobs at that rate. */
  readonly eta: number | null
  /** Seconds since the last event of a job: where they are many while jobs remain, no worker is running, or none can. */
  readonly quietSeconds: number
  /** Seconds that workers spent on jobs that are done, estimated from a sample of their records. */
  readonly busySeconds: number
  readonly seconds: number
  /** Number of listing pages requested. */
  readonly pages: number
}

/** Order in which kinds of jobs are done. */
const order = ["prepare", "train", "merge", "evaluate", "embed"] as const satisfies readonly JobKind[]

const sampled = 64
const recent = 100

/** Returns every n-th element of a list, at most `sampled` of them. */
const sampleOf = <A>(all: readonly A[]): readonly A[] => {
  const every = Math.max(1, Math.ceil(all.length / sampled))
  return all.filter((_, i) => i % every === 0)
}

/** Estimates the seconds of work in all jobs of a kind, from the records of some. */
const secondsOf = Effect.fnUntraced(function* (name: string, marks: readonly JobMark[]) {
  const some = sampleOf(marks)
  const records = yield* Effect.forEach(some, ({ job }) => readRecord(keys.done(name, job), OutputRecord), { concurrency: 8 })
  const seconds = records.reduce((sum, record) => sum + (record?.seconds ?? 0), 0)
  return some.length === 0 ? 0 : (seconds / some.length) * marks.length
})

type Marked = JobStates["failed"][number]

const byReason = Effect.fnUntraced(function* (marks: readonly Marked[], given: "failed" | "dead") {
  const groups = Map.groupBy(marks, ({ reason }) => reason)
  return yield* Effect.forEach(
    [...groups].sort(([, a], [, b]) => b.length - a.length),
    Effect.fnUntraced(function* ([reason, own]) {
      const last = own.reduce((a, b) => (b.modified > a.modified ? b : a))
      const record = yield* readRecord(last.key, FailureRecord)
      return { reason, given, count: own.length, example: record?.detail ?? "" } satisfies ReasonStatus
    })
  )
})

/** Reads records of the whole store that name no submission: messages without one, and incidents of workers. */
const besides = Effect.fnUntraced(function* (prefix: string, given: "rejected" | "incident", since: number) {
  const store = yield* BlobStore
  const { blobs, next } = yield* store.list(prefix)
  const own = blobs.filter(({ modified }) => modified >= since)
  const some = own.slice(-sampled)
  const records = yield* Effect.forEach(some, ({ key }) => readRecord(key, FailureRecord), { concurrency: 8 })
  const groups = Map.groupBy(
    records.filter((record) => record !== undefined),
    ({ reason }) => reason
  )
  const scale = own.length / Math.max(1, some.length)
  return [...groups].map(
    ([reason, own]): ReasonStatus => ({
      reason,
      given,
      count: Math.round(own.length * scale) + (next === undefined ? 0 : 1),
      example: own.at(-1)!.detail
    })
  )
})

const rateOf = (marks: readonly JobMark[]): number | null => {
  const times = marks
    .map(({ modified }) => modified)
    .sort((a, b) => a - b)
    .slice(-recent)
  const seconds = (times.at(-1)! - times[0]!) / 1000
  return times.length < 2 || seconds <= 0 ? null : (times.length - 1) / seconds
}

const Why = Schema.Struct({ reason: Schema.String })

/** Reads the state of a submission. Errors: `JobRefused` where the store has none of that name. */
export const statusOf = Effect.fn("job.statusOf")(function* (name: string) {
  const store = yield* BlobStore
  const submission = yield* readRecord(keys.submission(name), Submission)
  if (submission === undefined)
    return yield* new JobRefused({ reason: "unknown-submission", detail: `${store.location} has no submission '${name}'` })
  const states = yield* jobStates(name)
  const failure = yield* readRecord(keys.failedWhole(name), Why)
  const has = (key: string) =>
    store.head(key).pipe(
      Effect.map(({ modified }) => modified),
      Effect.catchTag("BlobMissing", () => Effect.succeed(undefined))
    )
  const finished = yield* has(keys.finished(name))
  const cancelled = yield* has(keys.cancelled(name))
  const happened = [...states.failed, ...states.dead].map(({ kind }) => kind)
  const named = new Set([...Object.keys(submission.jobs), ...states.done.keys(), ...happened])
  const names = order.filter((kind) => named.has(kind))
  const kinds = names.map(
    (kind): KindStatus => ({
      kind,
      done: states.done.get(kind)?.length ?? 0,
      total: submission.jobs[kind] ?? null,
      failures: states.failed.filter((mark) => mark.kind === kind).length,
      dead: states.dead.filter((mark) => mark.kind === kind).length
    })
  )
  const done = [...states.done.values()].flat()
  const rate = rateOf(done)
  const left = kinds.reduce((sum, { done, total, dead }) => sum + Math.max(0, (total ?? 0) - done - dead), 0)
  const state = finished !== undefined ? "finished" : cancelled !== undefined ? "cancelled" : failure ? "failed" : "running"
  const created = Date.parse(submission.created)
  const end = finished ?? cancelled ?? (yield* Clock.currentTimeMillis)
  const last = [...done, ...states.failed, ...states.dead].reduce((latest, { modified }) => Math.max(latest, modified), created)
  const spent = yield* Effect.forEach([...states.done.values()], (marks) => secondsOf(name, marks))
  return {
    submission,
    state,
    why: failure?.reason ?? null,
    kinds,
    reasons: [
      ...(yield* byReason(states.dead, "dead")),
      ...(yield* byReason(states.failed, "failed")),
      ...(yield* besides(keys.rejected, "rejected", 0)),
      ...(yield* besides(keys.incidents, "incident", created))
    ],
    rate,
    eta: state === "running" && rate !== null ? left / rate : null,
    busySeconds: spent.reduce((sum, seconds) => sum + seconds, 0),
    quietSeconds: Math.max(0, (end - last) / 1000),
    seconds: (end - created) / 1000,
    pages: states.pages
  } satisfies Status
})
