import { Cause, Clock, Effect, Tracer } from "effect"
import type { Job } from "../job/job.ts"
import { FromTheFuture, JobFailed, JobRefused } from "../job/job-error.ts"
import { jobKey } from "../job/job-key.ts"
import { keys } from "../job/keys.ts"
import { decodeMessage, type JobMessage } from "../job/message.ts"
import { jobOf } from "../job/payload.ts"
import { OutputRecord, putRecord, readRecord } from "../job/records.ts"
import { thisProcessor } from "../machine/processor.ts"
import { sha256 } from "../store/digest.ts"
import { backoffSeconds } from "./backoff.ts"
import { commit } from "./commit.ts"
import type { Delivery } from "./delivery.ts"
import { blameOf, failureRecord, maxAttempts, recordDeath, recordFailure } from "./failure.ts"
import { type Fault, handlerOf, type JobContext, type JobHandlers, type JobServices } from "./handler.ts"
import { recordIncident } from "./incident.ts"
import { jobEnded } from "./metrics.ts"
import { withPatience } from "./patient-store.ts"
import type { KnownSubmissions } from "./submissions.ts"

/** A message as received by the protocol. */
export interface Delivered {
  readonly body: string
  readonly sentMillis: number
  readonly receiveCount: number
}

/** Dependencies of the protocol. */
export interface Processing {
  readonly handlers: JobHandlers
  readonly submissions: KnownSubmissions
  /** Name of this worker, for records. */
  readonly worker: string
  readonly semmim: string
  /** Multiplies the delays before a job is retried; 1 by default, less in tests. */
  readonly pace?: number
  /** Time limit of every job in seconds. */
  readonly limitSeconds?: number
}

const done: Delivery = { _tag: "Delete" }
const dead = (why: string): Delivery => ({ _tag: "Dead", why })

/** Delay in milliseconds for a message from a newer semmim, the duration of a rolling deployment. */
export const deployMillis = 3_600_000

const waits = { own: { first: 4, most: 300 }, elsewhere: { first: 5, most: 600 }, future: { first: 15, most: 600 } } as const

const retry = Effect.fnUntraced(function* (kind: keyof typeof waits, attempt: number, why: string, pace = 1) {
  const seconds = yield* backoffSeconds(attempt, waits[kind].first * pace, waits[kind].most * pace)
  return { _tag: "Retry", seconds, why } satisfies Delivery
})

/** Converts a defect, which is not a typed error, to a failure of the job's own. */
const asFault = (cause: Cause.Cause<Fault>): Fault => {
  const error = Cause.squash(cause)
  const known = typeof error === "object" && error !== null && "_tag" in error && error instanceof Error
  if (known) return error as unknown as Fault // an Error with a name of this project
  return new JobFailed({ reason: "defect", detail: error instanceof Error ? error.message : String(error) })
}

/** Runs a job without a committed output, within its time limit. */
const attempt = Effect.fnUntraced(function* (
  job: Job,
  context: JobContext,
  { handlers, limitSeconds, worker, semmim }: Processing
) {
  const handler = handlerOf(handlers, job)
  const limit = Math.min(handler.limitSeconds, limitSeconds ?? Number.POSITIVE_INFINITY)
  const start = yield* Clock.currentTimeMillis
  const outcome = yield* Effect.scoped(handler.run(job, context)).pipe(
    Effect.timeoutOrElse({
      duration: `${limit} seconds`,
      orElse: () => Effect.fail(new JobFailed({ reason: "time-limit", detail: `it took over ${limit} s` }))
    })
  )
  if ("later" in outcome || "needless" in outcome) return outcome
  const seconds = ((yield* Clock.currentTimeMillis) - start) / 1000
  const by = { worker, processor: thisProcessor().kind, semmim }
  return yield* commit(context.submission.name, context.key, { ...outcome, seconds }, by)
})

/** Processes a message that could be decoded, up to its delivery; fails with the error to record. */
const handle = Effect.fnUntraced(function* (job: Job, context: JobContext, processing: Processing) {
  const handler = handlerOf(processing.handlers, job)
  const { name } = context.submission
  let output = yield* readRecord(keys.done(name, context.key), OutputRecord)
  if (output === undefined) {
    const outcome = yield* attempt(job, context, processing)
    if ("later" in outcome) return { _tag: "Again", seconds: outcome.later } satisfies Delivery
    if ("needless" in outcome) {
      yield* Effect.logInfo(`needless: ${outcome.needless}`)
      return done
    }
    output = outcome.output
    yield* jobEnded(job.kind, outcome.first ? "done" : "second", output.seconds)
  } else yield* jobEnded(job.kind, "repeated")
  if (handler.followUp) yield* handler.followUp(job, context, output)
  return done
})

/** Records a failure of a job whose message and submission are valid, and returns the delivery. */
const fail = Effect.fnUntraced(function* (
  fault: Fault,
  job: Job,
  context: JobContext,
  message: Delivered,
  processing: Processing
) {
  const { worker, pace } = processing
  const { name } = context.submission
  const blame = blameOf(fault)
  yield* Effect.logWarning(fault.message)
  yield* jobEnded(job.kind, blame === "elsewhere" ? "elsewhere" : "failed")
  if (blame === "elsewhere") {
    yield* recordIncident(fault, worker)
    return yield* retry("elsewhere", message.receiveCount, fault._tag, pace)
  }
  const count = blame === "refused" ? maxAttempts : yield* recordFailure(name, context.key, fault, worker)
  if (count < maxAttempts) return yield* retry("own", count, fault._tag, pace)
  yield* recordDeath(name, context.key, fault, worker, message.body)
  const { givenUp } = handlerOf(processing.handlers, job)
  if (givenUp) yield* givenUp(job, context, fault.message)
  return dead(fault.message)
})

/** Records a message for which no job was found. */
const reject = Effect.fnUntraced(function* (fault: Fault, message: Delivered, worker: string) {
  yield* Effect.logWarning(`message rejected: ${fault.message}`)
  yield* putRecord(`${keys.rejected}${sha256(message.body)}`, yield* failureRecord(fault, worker))
  return dead(fault.message)
})

const parentOf = (trace: string | undefined) => {
  const [, traceId, spanId, flags] = trace?.split("-") ?? []
  return traceId && spanId ? Tracer.externalSpan({ traceId, spanId, sampled: flags === "01" }) : undefined
}

const ofSubmission = Effect.fnUntraced(function* (decoded: JobMessage, message: Delivered, processing: Processing) {
  const { submissions, semmim } = processing
  const opened = yield* submissions.open(decoded.submission, decoded.pipeline)
  const { submission } = opened
  const job = yield* jobOf(decoded)
  const key = jobKey(submission.digest, job)
  const context: JobContext = { ...opened, key, origin: { submission: submission.name, pipeline: submission.digest, semmim } }
  if (yield* submissions.isCancelled(submission.name)) return done
  const { maxHours } = submission.limits
  if (maxHours !== null && (yield* Clock.currentTimeMillis) > Date.parse(submission.created) + maxHours * 3_600_000) {
    yield* putRecord(keys.cancelled(submission.name), { why: `over its ${maxHours} h` })
    return done
  }
  const parent = parentOf(decoded.trace)
  return yield* handle(job, context, processing).pipe(
    Effect.catchCause((cause) =>
      Cause.hasInterruptsOnly(cause)
        ? Effect.failCause(cause as Cause.Cause<never>)
        : fail(asFault(cause), job, context, message, processing)
    ),
    Effect.annotateLogs({ submission: submission.name, kind: job.kind, job: key.slice(0, job.kind.length + 13) }),
    (effect) => Effect.withSpan(effect, `job.${job.kind}`, { ...(parent ? { parent } : {}), attributes: { job: key } })
  )
})

/**
 * Runs the whole protocol for one message, from its text to its delivery: decodes it, finds its submission, skips jobs that are
 * done or cancelled, runs the job within its time limit, commits, and records errors. Never fails: an error of the store or the
 * queue puts the message back.
 */
export const processMessage = (message: Delivered, processing: Processing): Effect.Effect<Delivery, never, JobServices> =>
  Effect.gen(function* () {
    const decoded = yield* decodeMessage(message.body, processing.semmim)
    return yield* ofSubmission(decoded, message, processing)
  }).pipe(
    Effect.catchIf(
      (error): error is FromTheFuture => error instanceof FromTheFuture,
      (error) =>
        Effect.gen(function* () {
          const age = (yield* Clock.currentTimeMillis) - message.sentMillis
          if (age >= deployMillis) return yield* reject(error, message, processing.worker)
          return yield* retry("future", message.receiveCount, error.message, processing.pace)
        })
    ),
    Effect.catchIf(
      (error): error is JobRefused => error instanceof JobRefused,
      (error) => reject(error, message, processing.worker)
    ),
    Effect.catch((error: Fault) =>
      Effect.andThen(
        Effect.andThen(Effect.logError(error.message), recordIncident(error, processing.worker)),
        retry(blameOf(error) === "elsewhere" ? "elsewhere" : "own", message.receiveCount, error.message, processing.pace)
      )
    ),
    withPatience
  )
