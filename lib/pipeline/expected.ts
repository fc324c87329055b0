import { Schema } from "effect"

const bySeed = Schema.Array(Schema.Finite).check(Schema.isMinLength(3))

/**
 * What runs of a pipeline with several seeds came to, so that a run's figures can be seen beside how far a seed moves them: the
 * metrics of some tasks, by the task's name and the metric's, one value for each seed. What a task's metrics are called and where they
 * stand in its entry of evaluation.json is the task's own affair.
 */
export const Expected = Schema.Struct({
  seeds: Schema.Array(Schema.Int).check(Schema.isMinLength(3)),
  metrics: Schema.Record(Schema.String, Schema.Record(Schema.String, bySeed)),
  /** The kind of processor that they were measured on, and how: engine, threads, command. */
  processor: Schema.String,
  measured: Schema.String
}).check(
  Schema.makeFilter(({ seeds, metrics }) => {
    const all = Object.entries(metrics).flatMap(([task, each]) =>
      Object.entries(each).map(([metric, values]) => ({ name: `${task}.${metric}`, count: values.length }))
    )
    const wrong = all.find(({ count }) => count !== seeds.length)
    return wrong === undefined || `${wrong.name} has ${wrong.count} values for ${seeds.length} seeds`
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
