import { Effect, Schema } from "effect"

const count = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 1, maximum }))
const rate = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 10 }))
const fraction = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))
const localSteps = count(1_000_000)
const growth = Schema.Finite.check(Schema.isGreaterThan(0))
const optional = <S extends Schema.Top>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

/**
 * How training is shared among replicas (DiLoCo, Douillard et al. 2023): each takes `localSteps` steps on its own part of the data
 * order, then an outer SGD with Nesterov momentum moves the shared parameters by the mean of what the replicas moved.
 */
export const RoundSettings = Schema.Struct({
  replicas: count(10_000),
  localSteps: optional(localSteps, 20),
  /** Where given, `localSteps` is the most: rounds are short at first and grow as the learning rate falls (`roundSpans`). */
  growth: Schema.optionalKey(growth),
  rate: optional(rate, 0.7),
  momentum: optional(fraction, 0.9),
  /** The part of the replicas that a round is closed with at its deadline. */
  quorum: optional(fraction, 0.75),
  deadlineSeconds: optional(count(43_200), 900),
  /** How often replicas are issued again where a deadline found fewer. */
  reissues: optional(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 })), 3),
  /** A delta longer than so many times the median of its round is rejected. */
  outlier: optional(Schema.Finite.check(Schema.isGreaterThan(1)), 10),
  /** Where a step runs out of memory, it is tried once more in two halves that give the same step. */
  halveOnMemory: optional(Schema.Boolean, true)
})
export type RoundSettings = typeof RoundSettings.Type

/**
 * What a pipeline may say of its own rounds, where DiLoCo's 20 steps, rate .7 and momentum .9 are not right for it: rate 1 and
 * momentum 0 take the mean of the replicas.
 */
export const OwnRounds = Schema.Struct({
  localSteps: Schema.optionalKey(localSteps),
  growth: Schema.optionalKey(growth),
  rate: Schema.optionalKey(rate),
  momentum: Schema.optionalKey(fraction)
})

/** Settings with defaults filled in; throws a `SchemaError` that names the setting. */
export const roundSettings = (given: typeof RoundSettings.Encoded): RoundSettings =>
  Schema.decodeUnknownSync(RoundSettings, { onExcessProperty: "error" })(given)
