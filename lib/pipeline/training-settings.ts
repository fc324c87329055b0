import { Effect, Schema } from "effect"
import { Ramp } from "./ramp.ts"
import { OwnRounds } from "./rounds-settings.ts"

const positive = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))
const natural = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const unit = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const rate = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
const optional = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

/**
 * Settings of training. Optimisation follows method.md §7: AdamW, linear warm-up, cosine decay, clipping by global norm;
 * `momentum` is the teacher's EMA decay. `steps` counts updates; `microBatch` splits a batch (GradCache) without changing the
 * result.
 */
export const TrainSettings = Schema.Struct({
  batch: positive,
  steps: positive,
  learningRate: rate,
  finalLearningRate: optional(rate, 0),
  warmup: optional(natural, 0),
  /**
   * Multipliers of the learning rate of parameters whose names match a pattern (`*`: any characters); the last match applies, 0
   * freezes.
   */
  learningRates: Schema.optionalKey(Schema.Array(Schema.Struct({ match: Schema.NonEmptyString, scale: rate }))),
  /** Further factor, applied L − i times to layer i (from 0) of an encoder of L layers (`lrMultipliers`). */
  layerDecay: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0.01, maximum: 1 }))),
  weightDecay: optional(rate, 0.02),
  beta1: optional(unit, 0.9),
  beta2: optional(unit, 0.999),
  epsilon: optional(rate, 1e-8),
  clip: optional(rate, 3),
  momentum: optional(unit, 0.995),
  /** Weights by `STAGE.LOSS`, or by LOSS where one stage has it: a number, or a ramp. */
  lossWeights: optional(Schema.Record(Schema.String, Schema.Union([rate, Ramp])), {}),
  microBatch: optional(natural, 0),
  recompute: optional(Schema.Boolean, false),
  seed: optional(natural, 0),
  logEvery: optional(positive, 10),
  validateEvery: optional(natural, 0),
  checkpointEvery: optional(natural, 0),
  keepLast: optional(positive, 2),
  /** Checkpoint that is kept besides the last ones: that of the lowest or highest value of a logged metric. */
  best: optional(Schema.Struct({ metric: Schema.String, goal: Schema.Literals(["lowest", "highest"]) }), {
    metric: "loss",
    goal: "lowest"
  }),
  /** Settings of training in rounds, on workers. */
  rounds: Schema.optionalKey(OwnRounds)
})
export type TrainSettings = typeof TrainSettings.Type

/** Fills in defaults; throws a `SchemaError` that names the setting. */
export const trainSettings = (settings: typeof TrainSettings.Encoded): TrainSettings =>
  Schema.decodeUnknownSync(TrainSettings, { onExcessProperty: "error" })(settings)
