import { Effect, Schema } from "effect"

const count = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 1, maximum }))
const rate = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 10 }))
const fraction = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const localSteps = count(1_000_000)
const growth = Schema.Finite.check(Schema.isGreaterThan(0))
const optional = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

/**
 * Settings of distributed training with replicas (DiLoCo, Douillard et al. 2023): each replica takes `localSteps` steps on its
 * own part of the data order, then an outer SGD with Nesterov momentum moves the shared parameters by the mean of the replicas'
 * deltas.
 */
export const RoundSettings = Schema.Struct({
  replicas: count(10_000),
  localSteps: optional(localSteps, 20),
  /**
   * Growth of rounds: they are short at first, grow as the learning rate falls (`roundSpans`), and have at most `localSteps`
   * steps.
   */
  growth: Schema.optionalKey(growth),
  rate: optional(rate, 0.7),
  momentum: optional(fraction, 0.9),
  /** Share of the replicas with which a round is closed at its deadline. */
  quorum: optional(fraction, 0.75),
  deadlineSeconds: optional(count(43_200), 900),
  /** Number of times that missing replicas are issued again after a deadline. */
  reissues: optional(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 })), 3),
  /** Factor of the round's median norm beyond which a delta is rejected. */
  outlier: optional(Schema.Finite.check(Schema.isGreaterThan(1)), 10),
  /** A step that runs out of memory is tried again in two halves that give the same step. */
  halveOnMemory: optional(Schema.Boolean, true)
})
export type RoundSettings = typeof RoundSettings.Type

/**
 * A pipeline's own settings of its rounds, where DiLoCo's 20 steps, rate .7 and momentum .9 do not suit it: rate 1 and momentum 0
 * take the mean of the replicas.
 */
export const OwnRounds = Schema.Struct({
  localSteps: Schema.optionalKey(localSteps),
  growth: Schema.optionalKey(growth),
  rate: Schema.optionalKey(rate),
  momentum: Schema.optionalKey(fraction)
})

/** Fills in defaults; throws a `SchemaError` that names the setting. */
export const roundSettings = (given: typeof RoundSettings.Encoded): RoundSettings =>
  Schema.decodeUnknownSync(RoundSettings, { onExcessProperty: "error" })(given)
