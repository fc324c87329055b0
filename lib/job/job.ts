import { Schema } from "effect"

/** SHA-256 as 64 lower-case hexadecimal digits: the only way that a message refers to content. */
export const Digest = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))

/** Name of a submission, the prefix of all its keys: never a path. */
export const SubmissionName = Schema.String.check(Schema.isPattern(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/))

const whole = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))
const places = 2 ** 40

/** Writes samples first … first + count − 1 of the submission's source as one shard. */
export const PrepareJob = Schema.Struct({
  kind: Schema.Literal("prepare"),
  shard: whole(999_999),
  first: whole(places),
  count: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 }))
})

/** Embeds samples of the held-out data with a checkpoint's weights: a range, or those listed. */
export const EmbedJob = Schema.Struct({
  kind: Schema.Literal("embed"),
  checkpoint: Digest,
  samples: Schema.Union([
    Schema.Struct({ first: whole(places), count: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 })) }),
    Schema.Struct({ indices: Schema.Array(whole(places)).check(Schema.isMinLength(1), Schema.isMaxLength(1_000_000)) })
  ])
})

/** Evaluates a checkpoint on the pipeline's tasks and writes the report. */
export const EvaluateJob = Schema.Struct({ kind: Schema.Literal("evaluate"), checkpoint: Digest })

/** One replica's local steps of a round, from the round's checkpoint and the replica's own state. */
export const TrainJob = Schema.Struct({
  kind: Schema.Literal("train"),
  round: whole(1_000_000),
  replica: whole(9_999),
  /** 0, then 1 … 3 where the replica is issued again. */
  attempt: whole(9),
  steps: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 })),
  checkpoint: Digest,
  state: Schema.NullOr(Digest)
})

/** Merges the outputs of other jobs: the shards of a set, or the deltas of a round. */
export const MergeJob = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("merge"), of: Schema.Literal("shards") }),
  Schema.Struct({ kind: Schema.Literal("merge"), of: Schema.Literal("round"), round: whole(1_000_000) })
])

/** All jobs that a message can request. They hold references only: no captions, no paths, no addresses, no code. */
export const Job = Schema.Union([PrepareJob, EmbedJob, EvaluateJob, TrainJob, MergeJob])

export type PrepareJob = typeof PrepareJob.Type
export type EmbedJob = typeof EmbedJob.Type
export type EvaluateJob = typeof EvaluateJob.Type
export type TrainJob = typeof TrainJob.Type
export type MergeJob = typeof MergeJob.Type
export type Job = typeof Job.Type
export type JobKind = Job["kind"]

/** Capabilities that a job's worker needs. */
export type ResourceClass = "host" | "gpu"

/** The class of each kind of job. */
export const classOf = {
  prepare: "host",
  merge: "host",
  embed: "gpu",
  evaluate: "gpu",
  train: "gpu"
} as const satisfies { readonly [K in JobKind]: ResourceClass }
