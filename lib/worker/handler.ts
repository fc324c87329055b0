import type { Effect, FileSystem, Path, Scope } from "effect"
import type { Job, JobKind } from "../job/job.ts"
import type { Origin } from "../job/payload.ts"
import type { FileRecord, OutputRecord } from "../job/records.ts"
import type { OpenSubmission } from "../job/submission.ts"
import type { Queue } from "../queue/queue.ts"
import type { BlobStore } from "../store/blob/blob-store.ts"

/** Services available to jobs. */
export type JobServices = BlobStore | Queue | FileSystem.FileSystem | Path.Path

/** An error with a name and a one-line message, as every error of this project. */
export interface Fault {
  readonly _tag: string
  readonly message: string
}

/** Context of a job. */
export interface JobContext extends OpenSubmission {
  /** Its output key. */
  readonly key: string
  readonly origin: Origin
}

/** Outcome of a job: an output to be committed, or none yet, with the seconds until the next attempt. */
export type JobOutcome =
  | {
      readonly files: { readonly [name: string]: Uint8Array | FileRecord }
      readonly result: typeof OutputRecord.Type.result
    }
  | { readonly later: number }
  /** Its output is no longer needed, and the reason. */
  | { readonly needless: string }

/** Implementation of a kind of job. */
export interface JobHandler<J extends Job> {
  /** Time limit of the job in seconds. */
  readonly limitSeconds: number
  readonly run: (job: J, context: JobContext) => Effect.Effect<JobOutcome, Fault, JobServices | Scope.Scope>
  /** Action after an output is committed, e.g. sending messages. May run more than once. */
  readonly followUp?: (job: J, context: JobContext, output: OutputRecord) => Effect.Effect<void, Fault, JobServices>
  /** Action after a job is given up. */
  readonly givenUp?: (job: J, context: JobContext, reason: string) => Effect.Effect<void, Fault, JobServices>
}

/** Handlers of all kinds of jobs. */
export type JobHandlers = { readonly [K in JobKind]: JobHandler<Extract<Job, { readonly kind: K }>> }

/** Returns the handler of a job. */
export const handlerOf = (handlers: JobHandlers, job: Job): JobHandler<Job> => handlers[job.kind] as JobHandler<Job> // of the job's own kind
