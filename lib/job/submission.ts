import { Effect, Schema } from "effect"
import { WiringError } from "../pipeline/errors.ts"
import { loadPipeline, type Tables } from "../pipeline/load.ts"
import { type Pipeline, pipelineDigest } from "../pipeline/pipeline.ts"
import { PipelineFile } from "../pipeline/pipeline-data.ts"
import { RoundSettings } from "../pipeline/rounds-settings.ts"
import { Digest, SubmissionName } from "./job.ts"
import { JobRefused } from "./job-error.ts"
import { keys } from "./keys.ts"
import { readRecord } from "./records.ts"

const natural = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** A submission as stored, written once. Workers take from it everything that a message does not contain. */
export const Submission = Schema.Struct({
  format: Schema.Literal("semmim-submission"),
  version: Schema.Literal(1),
  name: SubmissionName,
  semmim: Schema.String,
  created: Schema.String,
  digest: Digest,
  pipeline: PipelineFile,
  /** Number of shards to prepare, and of samples in each; `null` where training reads the source itself. */
  prepare: Schema.NullOr(Schema.Struct({ shards: natural, samples: natural, perShard: natural })),
  rounds: RoundSettings,
  /** Expected number of jobs of each kind, to compute progress from. */
  jobs: Schema.Record(Schema.String, natural),
  /** Checkpoint of the first round. */
  checkpoint: Digest,
  /** Weights that it starts from. */
  weights: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  limits: Schema.Struct({ maxWorkers: Schema.NullOr(natural), maxHours: Schema.NullOr(Schema.Finite) })
})
export type Submission = typeof Submission.Type

/** A submission whose pipeline is loaded. */
export interface OpenSubmission {
  readonly submission: Submission
  readonly pipeline: Pipeline
}

/**
 * Reads a submission and loads its pipeline from this worker's own stages. Errors: `JobRefused` for one that does not exist,
 * whose pipeline differs from that of the message, or for which this worker has no stages.
 */
export const openSubmission = Effect.fn("job.openSubmission")(function* (name: string, digest: string, tables: Tables) {
  const refuse = (reason: string, detail: string) => new JobRefused({ reason, detail })
  const submission = yield* readRecord(keys.submission(name), Submission)
  if (submission === undefined) return yield* refuse("unknown-submission", `the store has no ${keys.submission(name)}`)
  if (submission.name !== name) return yield* refuse("other-submission", `${keys.submission(name)} is of ${submission.name}`)
  if (submission.digest !== digest)
    return yield* refuse("other-pipeline", `the message is for pipeline ${digest}, ${name} has ${submission.digest}`)
  const pipeline = yield* Effect.try({
    try: () => loadPipeline(submission.pipeline, tables),
    catch: (cause) => refuse("unknown-pipeline", cause instanceof WiringError ? cause.problem : String(cause))
  })
  const own = pipelineDigest(pipeline)
  if (own !== digest)
    return yield* refuse("other-pipeline", `${name} is pipeline ${digest}, which this worker's stages make ${own}`)
  return { submission, pipeline } satisfies OpenSubmission
})
