import { Schema } from "effect"

const bySeed = Schema.Array(Schema.Finite).check(Schema.isMinLength(3))

/**
 * Metrics of runs of a pipeline with several seeds, to compare a run's metrics with the variation over seeds: the metrics of some
 * tasks, by the task's name and the metric's, one value per seed. The names of a task's metrics, and their places in its entry of
 * evaluation.json, are defined by the task.
 */
export const Expected = Schema.Struct({
  seeds: Schema.Array(Schema.Int).check(Schema.isMinLength(3)),
  metrics: Schema.Record(Schema.String, Schema.Record(Schema.String, bySeed)),
  /** Kind of processor and settings of the measurement: engine, threads, command. */
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

/** Training settings that change a run's metrics no more than a seed does. */
const harmless = ["seed", "logEvery", "validateEvery", "checkpointEvery", "keepLast", "best", "microBatch", "recompute"] as const

interface Data {
  readonly training: object
  readonly expected?: Expected
}

/** Returns a pipeline as data without the settings that change no more than a seed. */
const essence = ({ expected, training, ...rest }: Data): string => {
  const kept = Object.entries(training).filter(([name]) => !harmless.some((each) => each === name))
  return JSON.stringify([rest, Object.fromEntries(kept)])
}

/** Returns the expected metrics of a changed pipeline: the same where only such settings were changed, else undefined. */
export const stillExpected = (before: Data, after: Data): Expected | undefined =>
  essence(before) === essence(after) ? before.expected : undefined
