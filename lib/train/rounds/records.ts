import { Schema } from "effect"

const Digest = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))
const Replica = Schema.Struct({ replica: Schema.Int, state: Schema.NullOr(Digest) })

/** Shared state that a round starts from: digests of safetensors files. `velocity` is null before the first outer step. */
export const Checkpoint = Schema.Struct({
  round: Schema.Int,
  /** Number of local steps done by each replica. */
  step: Schema.Int,
  model: Digest,
  /** Null where the pipeline has no teacher. */
  teacher: Schema.NullOr(Digest),
  velocity: Schema.NullOr(Digest),
  /** State kept by a replica alone, for resuming from this checkpoint outside rounds. */
  state: Schema.NullOr(Digest)
})
export type Checkpoint = typeof Checkpoint.Type

/** Record of an opened round: the initial state of its replicas. */
export const Round = Schema.Struct({
  round: Schema.Int,
  checkpoint: Digest,
  steps: Schema.Int,
  replicas: Schema.Array(Replica),
  /** Norms of the deltas of the previous round. */
  norms: Schema.Array(Schema.Finite),
  openedMillis: Schema.Finite
})
export type Round = typeof Round.Type

/** Replicas that were missing at a deadline and issued again. */
export const Reissue = Schema.Struct({ replicas: Schema.Array(Schema.Int), openedMillis: Schema.Finite })
export type Reissue = typeof Reissue.Type

/** Record of a training job. */
export const SliceResult = Schema.Struct({
  replica: Schema.Int,
  samples: Schema.Int,
  /** Null where the delta is not finite: JSON has no NaN. */
  norm: Schema.NullOr(Schema.Finite),
  loss: Schema.NullOr(Schema.Finite)
})
export type SliceResult = typeof SliceResult.Type

/** Set of deltas that a round is closed with; stored once, by the first writer. */
export const Closing = Schema.Struct({
  used: Schema.Array(
    Schema.Struct({
      replica: Schema.Int,
      attempt: Schema.Int,
      samples: Schema.Int,
      norm: Schema.Finite,
      delta: Digest,
      state: Digest,
      metrics: Digest,
      /** Kind of processor that computed it; absent in records of older versions. */
      processor: Schema.optionalKey(Schema.String)
    })
  ),
  rejected: Schema.Array(Schema.Struct({ replica: Schema.Int, reason: Schema.String, detail: Schema.String })),
  missing: Schema.Array(Schema.Int)
})
export type Closing = typeof Closing.Type
