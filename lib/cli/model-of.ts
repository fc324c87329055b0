import { join } from "node:path"
import { Effect, FileSystem, Option } from "effect"
import { hostContextOf } from "../data/host/host-context.ts"
import { openPipeline } from "../data/host/open-pipeline.ts"
import { cachesIn } from "../data/host/prepared-cache.ts"
import type { Engine } from "../engine/engine.ts"
import { UsageError } from "../error/usage-error.ts"
import { loadModel } from "../export/load-model.ts"
import type { FrozenWeights } from "../model/frozen-contents.ts"
import type { Layout } from "../model/layout.ts"
import { openModelSession } from "../model/model-session.ts"
import { teacherFault } from "../model/teacher-fault.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { Json } from "../pipeline/stage.ts"
import type { TrainedSet } from "../pipeline/weight-set.ts"
import { checkAssets, loadRun, type RunModel } from "../run-folder/load-run.ts"
import { storeError } from "../store/store-error.ts"
import { readFrozen } from "../weights/frozen-file.ts"
import { engineOf } from "./engine-of.ts"
import type { CliTables } from "./tables.ts"

/** A model from a folder: its weights, their step, and the weight set that they are. */
export interface FoundModel {
  readonly pipeline: Pipeline
  readonly layout: Layout
  readonly student: Float32Array
  readonly teacher?: Float32Array
  readonly frozen: FrozenWeights
  readonly step: number | null
  /** Choices that its run's tasks made on validation data, where an exported model has them. */
  readonly choices?: { readonly [task: string]: Json }
  /** Digests of the files that its stages had opened, where they are recorded. */
  readonly assets?: RunModel["assets"]
}

/** Fails with a `UsageError` where a teacher's weights are requested of a model without a teacher. */
export const needSet = (who: TrainedSet, { pipeline, layout }: Pick<FoundModel, "pipeline" | "layout">) => {
  const fault = who === "teacher" ? teacherFault(pipeline.name, layout) : undefined
  return fault === undefined ? Effect.void : Effect.fail(new UsageError({ problem: `--weights teacher: ${fault}` }))
}

/**
 * Reads the model in a folder: an exported one (config.json) or a run's checkpoint (pipeline.json). Errors: `UsageError` for
 * weights or a step that an exported model does not have, `WeightsError`, `CheckpointError`, `StoreError`.
 */
export const modelOf = Effect.fn("cli.modelOf")(function* (
  folder: string,
  who: TrainedSet,
  step: Option.Option<number>,
  tables: CliTables
) {
  const fs = yield* FileSystem.FileSystem
  const exported = yield* fs.exists(join(folder, "config.json")).pipe(Effect.mapError(storeError(folder)))
  if (!exported) {
    const model = yield* loadRun(folder, tables, Option.getOrUndefined(step))
    yield* needSet(who, model)
    return { ...model, frozen: yield* readFrozen(model.pipeline) } satisfies FoundModel
  }
  const { config, ...model } = yield* loadModel(folder, tables)
  if (who !== config.weights && who === "teacher")
    return yield* new UsageError({ problem: `--weights teacher: ${folder} has the ${config.weights}'s weights only` })
  if (Option.isSome(step) && step.value !== config.step)
    return yield* new UsageError({ problem: `--step ${step.value}: ${folder} is of step ${config.step ?? "unknown"}` })
  return { ...model, step: config.step, ...(config.choices ? { choices: config.choices } : {}) } satisfies FoundModel
})

/** Inputs of opening a model besides its weights. */
export interface OpenFlags {
  readonly engine: string
  readonly threads: number
  readonly cache: string
}

/** Opens a model for inference: an engine's session with its weights, and its host stages; closed with the scope. */
export const openedModel = Effect.fn("cli.openedModel")(function* (
  model: FoundModel,
  { engine: name, threads, cache }: OpenFlags,
  tables: CliTables
) {
  const { layout } = model
  const engine: Engine = yield* engineOf(name, tables)
  const hostContext = hostContextOf(model.pipeline.source, tables.openSource, cachesIn(cache))
  const { pipeline, stages: host } = yield* openPipeline(model.pipeline, hostContext)
  yield* checkAssets(pipeline.name, model.assets, host)
  const session = yield* openModelSession(engine, layout, model, { threads })
  return { pipeline, layout, session, host, engine, hostContext }
})
