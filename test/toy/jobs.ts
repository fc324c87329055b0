import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { reference } from "../../lib/engine/reference/engine.ts"
import type { Job } from "../../lib/job/job.ts"
import { messageFor } from "../../lib/job/payload.ts"
import type { QueueUrls } from "../../lib/job/send-jobs.ts"
import { type SubmitInputs, submit } from "../../lib/job/submit.ts"
import { pipelineDigest } from "../../lib/pipeline/pipeline.ts"
import { roundSettings } from "../../lib/pipeline/rounds-settings.ts"
import { Queue } from "../../lib/queue/queue.ts"
import type { JobHandler, JobHandlers, JobOutcome } from "../../lib/worker/handler.ts"
import type { HandlerConfig } from "../../lib/worker/handlers/config.ts"
import { knownSubmissions } from "../../lib/worker/submissions.ts"
import { memoryQueue } from "../faults/memory-queue.ts"
import { type Held, memoryStore } from "./memory-store.ts"
import { toyPipeline, toyTables } from "./pipeline.ts"

/** The version that toy jobs are sent and done by. */
export const toyVersion = "1.2.3"

/** A submission of the toy pipeline. */
export const toySubmission = (more: Partial<SubmitInputs> = {}): SubmitInputs => ({
  name: "toy",
  pipeline: toyPipeline({ batch: 4 }),
  semmim: toyVersion,
  rounds: roundSettings({ replicas: 2, localSteps: 5 }),
  prepare: null,
  limits: { maxWorkers: null, maxHours: null },
  ...more
})

/** What messages of the toy submission say beside their job. */
export const toyOrigin = (name = "toy") => ({
  submission: name,
  pipeline: pipelineDigest(toyPipeline({ batch: 4 })),
  semmim: toyVersion
})

/** Queues with dead letters, where messages go that were received `maxReceiveCount` times. */
export const toyQueues = Effect.fnUntraced(function* (visibilitySeconds = 30, maxReceiveCount = 20) {
  const queue = yield* Queue
  const name = `toy-${process.pid}-${Math.random().toString(36).slice(2, 10)}`
  const dead = yield* queue.create(`${name}-dead`, { visibilitySeconds: 30 })
  const deadLetters = { url: dead, maxReceiveCount }
  const host = yield* queue.create(`${name}-host`, { visibilitySeconds, deadLetters })
  const gpu = yield* queue.create(`${name}-gpu`, { visibilitySeconds, deadLetters })
  return { urls: { host, gpu } satisfies QueueUrls, dead }
})

/** Puts a submission in the store without its messages. */
export const storedSubmission = Effect.fnUntraced(function* (more: Partial<SubmitInputs> = {}) {
  const { urls } = yield* toyQueues()
  return yield* submit(toySubmission(more), urls)
})

/** A job as the text of its message. */
export const toyMessage = (job: Job, name?: string) => messageFor(toyOrigin(name), job)

/** The same for every kind of job; counts the runs of each by its JSON. */
export const toyHandlers = (
  run: (job: Job) => Effect.Effect<JobOutcome, { readonly _tag: string; readonly message: string }>,
  limitSeconds = 60
) => {
  const runs = new Map<string, number>()
  const handler: JobHandler<Job> = {
    limitSeconds,
    run: (job) =>
      Effect.suspend(() => {
        const name = JSON.stringify(job)
        runs.set(name, (runs.get(name) ?? 0) + 1)
        return run(job)
      })
  }
  const handlers: JobHandlers = { prepare: handler, embed: handler, evaluate: handler, train: handler, merge: handler }
  return { handlers, runs }
}

/** What a job's message is processed with. */
export const toyProcessing = (handlers: JobHandlers) => ({
  handlers,
  submissions: knownSubmissions(toyTables),
  worker: "w",
  semmim: toyVersion,
  pace: 0.01
})

/** A queue and a store in memory, and the files of this machine. */
export const toyServices = (held?: Held) => Layer.mergeAll(memoryQueue, memoryStore(held), NodeServices.layer)

/** A trivial job, and what it makes. */
export const shardJob = (shard: number): Job => ({ kind: "prepare", shard, first: shard, count: 1 })
export const made = (job: Job): JobOutcome => ({ files: { a: new TextEncoder().encode(JSON.stringify(job)) }, result: null })

/** What the real handlers are told for submissions of the toy pipeline; `allowed` is the data that they may read. */
export const toyConfig = (urls: QueueUrls, allowed: readonly string[] = ["toy:10"]): HandlerConfig => ({
  tables: toyTables,
  engine: Effect.succeed(reference),
  threads: 1,
  cache: "/nowhere",
  urls,
  allowedData: new Set(allowed)
})
