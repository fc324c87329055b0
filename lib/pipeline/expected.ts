import { Schema } from "effect"

const percent = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 }))
const bySeed = Schema.Array(percent).check(Schema.isMinLength(3))

/**
 * What runs of a pipeline with several seeds came to, so that a run's figures can be seen beside how far a seed moves them. Recalls
 * in percent are those of the ranking that leads, one for each seed.
 */
export const Expected = Schema.Struct({
  seeds: Schema.Array(Schema.Int).check(Schema.isMinLength(3)),
  recalls: Schema.Struct({ tr1: bySeed, tr5: bySeed, tr10: bySeed, ir1: bySeed, ir5: bySeed, ir10: bySeed }),
  /** The kind of processor that they were measured on, and how: engine, threads, command. */
  processor: Schema.String,
  measured: Schema.String
}).check(
  Schema.makeFilter(({ seeds, recalls }) => {
    const wrong = Object.entries(recalls).find(([, values]) => values.length !== seeds.length)
    return wrong === undefined || `${wrong[0]} has ${wrong[1].length} values for ${seeds.length} seeds`
  })
)
export type Expected = typeof Expected.Type

/** Training settings that move a run's figures no further than a seed does. */
const harmless = ["seed", "logEvery", "validateEvery", "checkpointEvery", "keepLast", "best", "microBatch", "recompute"] as const

interface Data {
  readonly training: object
  readonly expected?: Expected
}

/** A pipeline as data without what changes no more than a seed. */
const essence = ({ expected, training, ...rest }: Data): string => {
  const kept = Object.entries(training).filter(([name]) => !harmless.some((each) => each === name))
  return JSON.stringify([rest, Object.fromEntries(kept)])
}

/** What is expected of a pipeline once it is changed: the same where only such settings are others, else nothing. */
export const stillExpected = (before: Data, after: Data): Expected | undefined =>
  essence(before) === essence(after) ? before.expected : undefined
