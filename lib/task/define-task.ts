import { Effect, Schema } from "effect"
import { checkSettings } from "../pipeline/settings.ts"
import type { Json } from "../pipeline/stage.ts"
import { noStages, type Task } from "../pipeline/task.ts"
import type { Fields } from "../tensor/field.ts"
import { Details, type Measured, type Measurement, type TaskDefinition, type TaskInputs, type TaskSpec } from "./task.ts"

/**
 * Defines a row of the table of tasks. Settings are checked when a task is made; metrics and details are checked when they are
 * read.
 */
export const defineTask = <const Name extends string, const R extends Fields, S, M, X>(
  spec: TaskSpec<Name, R, S, M, X>
): TaskDefinition<Name, R> => {
  const { name } = spec
  const settingsOf = (task: Task): S => checkSettings(name, spec.settings, task.settings)
  const view = ({ metrics, details }: Measured): Measurement<M, X> => ({
    ...Schema.decodeUnknownSync(Details)(details),
    metrics: Schema.decodeUnknownSync(spec.metrics)(metrics),
    details: Schema.decodeUnknownSync(spec.details)(details)
  })
  const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value))
  return {
    name,
    summary: spec.summary,
    settings: spec.settings,
    ...(spec.formerly ? { formerly: spec.formerly } : {}),
    make: (settings, chain = noStages) => ({
      task: name,
      settings: asJson(checkSettings(name, spec.settings, settings)),
      reads: spec.reads,
      chain: { start: chain.start, stages: chain.stages }
    }),
    sampleFields: spec.sampleFields,
    data: (task) => {
      const named = spec.data === undefined ? null : settingsOf(task)[spec.data]
      return typeof named === "string" ? named : undefined
    },
    samples: (task) => ({ setting: `${name}.${spec.samples}`, count: Number(settingsOf(task)[spec.samples]) }),
    measure: Effect.fnUntraced(function* (inputs: TaskInputs, task: Task) {
      const start = performance.now()
      const { metrics, details, skipped, notes = [] } = yield* spec.evaluate(inputs, settingsOf(task), task.chain)
      const { name: data, digest } = inputs.source
      const common: Details = {
        data: { name: data, digest },
        seconds: (performance.now() - start) / 1000,
        skipped,
        ...(notes.length > 0 ? { notes } : {})
      }
      return {
        metrics: asJson(Schema.encodeSync(spec.metrics)(metrics)),
        details: asJson({ ...common, ...(Schema.encodeSync(spec.details)(details) as object) })
      }
    }),
    validate: (inputs, task) =>
      Effect.map(spec.validate(inputs, settingsOf(task), task.chain), (metrics) =>
        Object.fromEntries(Object.entries(metrics).map(([metric, value]) => [`${name}.${metric}`, value]))
      ),
    view,
    text: (measured) => [...spec.text(view(measured)), ...(view(measured).notes ?? [])],
    card: (measured) => spec.card(view(measured)),
    figures: (measured, context) => spec.figures(view(measured), context),
    section: (measured, context) => spec.section(view(measured), context),
    shows: (measured) => spec.shows?.(view(measured)) ?? [],
    choice: (measured) => spec.choice?.(view(measured).metrics)
  }
}
