import { Effect } from "effect"
import type { Source } from "../data/source.ts"
import type { TrainedSet } from "../pipeline/weight-set.ts"
import { readMetrics } from "../run-folder/metrics.ts"
import { readEvaluation } from "../task/evaluation.ts"
import type { AfterRun, TaskDefinition } from "../task/task.ts"
import type { FoundModel } from "./model-of.ts"
import type { CliTables } from "./tables.ts"

/** Folder of a model, the model found in it, and the weight set to use. */
export interface ModelPlace {
  readonly folder: string
  readonly model: FoundModel
  readonly who: TrainedSet
}

/**
 * Returns a task's choice for exactly these weights: from an export's config, or from a run's evaluation.json (which may be
 * damaged).
 */
export const recordedChoice = Effect.fn("cli.recordedChoice")(function* (
  { folder, model, who }: ModelPlace,
  { name, choice }: TaskDefinition,
  { tasks }: CliTables
) {
  if (model.choices) return model.choices[name]
  const found = yield* readEvaluation(folder, tasks).pipe(Effect.orElseSucceed(() => undefined))
  const measured = found && found.model.step === model.step && found.model.weights === who ? found.measured[name] : undefined
  return measured && choice(measured)
})

/** Returns the lines of a run's metrics up to a model's step; none where the folder has no run. */
export const metricsUpTo = Effect.fn("cli.metricsUpTo")(function* ({ folder, model: { step } }: ModelPlace) {
  const metrics = yield* readMetrics(folder).pipe(Effect.orElseSucceed(() => []))
  return metrics.filter((line) => step === null || line.step <= step)
})

/** Returns a pipeline's held-out data, which may be opened already, or the reason why they are not available. */
export const heldOutOf = (
  { pipeline: { name, source } }: FoundModel,
  whole: Source,
  { openSource }: CliTables
): Effect.Effect<Source, { readonly message: string }, Effect.Services<ReturnType<CliTables["openSource"]>>> => {
  const { heldOut } = source
  if (heldOut === null) return Effect.fail({ message: `${name} has no held-out data` })
  if (heldOut === whole.name) return Effect.succeed(whole)
  return Effect.mapError(openSource(heldOut), ({ message }) => ({ message: `${heldOut} cannot be read (${message})` }))
}

/** Inputs of a task for a model that is evaluated after its run. */
export const afterRun = Effect.fn("cli.afterRun")(function* (
  place: ModelPlace,
  whole: Source,
  definition: TaskDefinition,
  tables: CliTables
) {
  const context = yield* Effect.context<Effect.Services<ReturnType<CliTables["openSource"]>>>()
  return {
    recorded: yield* recordedChoice(place, definition, tables),
    heldOut: Effect.provide(heldOutOf(place.model, whole, tables), context)
  } satisfies AfterRun
})
