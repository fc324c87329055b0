import { Schema } from "effect"

const Digest = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))
const Replica = Schema.Struct({ replica: Schema.Int, state: Schema.NullOr(Digest) })

/** The shared state that a round starts from: safetensors by digest. `velocity` is null before the first outer step. */
export const Checkpoint = Schema.Struct({
  round: Schema.Int,
  /** Local steps done by each replica. */
  step: Schema.Int,
  model: Digest,
  /** Null where the pipeline has no teacher. */
  teacher: Schema.NullOr(Digest),
  velocity: Schema.NullOr(Digest),
  /** What a replica kept for itself, for whoever goes on with this checkpoint alone. */
  state: Schema.NullOr(Digest)
})
export type Checkpoint = typeof Checkpoint.Type

/** A round as it was opened: what its replicas start from. */
export const Round = Schema.Struct({
  round: Schema.Int,
  checkpoint: Digest,
  steps: Schema.Int,
  replicas: Schema.Array(Replica),
  /** Norms of the deltas of the round before. */
  norms: Schema.Array(Schema.Finite),
  openedMillis: Schema.Finite
})
export type Round = typeof Round.Type

/** Replicas that a deadline found missing, issued again. */
export const Reissue = Schema.Struct({ replicas: Schema.Array(Schema.Int), openedMillis: Schema.Finite })
export type Reissue = typeof Reissue.Type

/** What a train job's record says. */
export const SliceResult = Schema.Struct({
  replica: Schema.Int,
  samples: Schema.Int,
  /** Null where the delta is not finite: JSON has no NaN. */
  norm: Schema.NullOr(Schema.Finite),
  loss: Schema.NullOr(Schema.Finite)
})
export type SliceResult = typeof SliceResult.Type

/** The set of deltas that a round is closed with; put once, by whoever is first. */
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
      /** The kind of processor that computed it; not in records of older versions. */
      processor: Schema.optionalKey(Schema.String)
    })
  ),
  rejected: Schema.Array(Schema.Struct({ replica: Schema.Int, reason: Schema.String, detail: Schema.String })),
  missing: Schema.Array(Schema.Int)
})
export type Closing = typeof Closing.Type
