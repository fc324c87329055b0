import type { Effect, FileSystem, Path, Scope } from "effect"
import type { Job, JobKind } from "../job/job.ts"
import type { Origin } from "../job/payload.ts"
import type { FileRecord, OutputRecord } from "../job/records.ts"
import type { OpenSubmission } from "../job/submission.ts"
import type { Queue } from "../queue/queue.ts"
import type { BlobStore } from "../store/blob/blob-store.ts"

/** What jobs may use. */
export type JobServices = BlobStore | Queue | FileSystem.FileSystem | Path.Path

/** An error with a name and one line for people: what every error of this project is. */
export interface Fault {
  readonly _tag: string
  readonly message: string
}

/** What a job is told besides itself. */
export interface JobContext extends OpenSubmission {
  /** Its output key. */
  readonly key: string
  readonly origin: Origin
}

/** What a job comes to: an output to be committed, or nothing yet: it is to be asked again in so many seconds. */
export type JobOutcome =
  | {
      readonly files: { readonly [name: string]: Uint8Array | FileRecord }
      readonly result: typeof OutputRecord.Type.result
    }
  | { readonly later: number }
  /** Its output is wanted by nobody any more. */
  | { readonly needless: string }

/** What a kind of job does. */
export interface JobHandler<J extends Job> {
  /** The most seconds that it may take. */
  readonly limitSeconds: number
  readonly run: (job: J, context: JobContext) => Effect.Effect<JobOutcome, Fault, JobServices | Scope.Scope>
  /** What follows from a committed output, e.g. messages to send. May happen more than once. */
  readonly followUp?: (job: J, context: JobContext, output: OutputRecord) => Effect.Effect<void, Fault, JobServices>
  /** What follows when a job is given up. */
  readonly givenUp?: (job: J, context: JobContext, reason: string) => Effect.Effect<void, Fault, JobServices>
}

/** What each kind of job does. */
export type JobHandlers = { readonly [K in JobKind]: JobHandler<Extract<Job, { readonly kind: K }>> }

/** The handler of a job. */
export const handlerOf = (handlers: JobHandlers, job: Job): JobHandler<Job> => handlers[job.kind] as JobHandler<Job> // of the job's own kind
