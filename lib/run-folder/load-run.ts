import { join, resolve } from "node:path"
import { Effect } from "effect"
import { assetsOf, type ReadyStage } from "../data/host/ready-stage.ts"
import { WeightsError } from "../error/weights-error.ts"
import { type Layout, parameterLayout } from "../model/layout.ts"
import { loadPipeline, type Tables } from "../pipeline/load.ts"
import { type Pipeline, pipelineDigest } from "../pipeline/pipeline.ts"
import { dataIn } from "../pipeline/portable.ts"
import { checkpointFolder, loadCheckpoint, setFiles } from "./checkpoint.ts"
import { editedPipeline } from "./edited.ts"
import { assetFault, checkpointSteps, recordedPipeline } from "./run-folder.ts"

/** A run's model at one of its checkpoints. */
export interface RunModel {
  readonly pipeline: Pipeline
  readonly layout: Layout
  readonly student: Float32Array
  /** Absent where the pipeline has no teacher. */
  readonly teacher?: Float32Array
  readonly step: number
  /** Digest of its pipeline. */
  readonly digest: string
  /** Digests of the files that its stages had opened, by stage; undefined for a run of an older version. */
  readonly assets: { readonly [stage: string]: string } | undefined
}

/** Fails with a `WeightsError` where stages have opened other files than a run's did. */
export const checkAssets = (run: string, assets: RunModel["assets"], stages: readonly ReadyStage[]) => {
  const fault = assetFault(assets, assetsOf(stages))
  return fault === undefined ? Effect.void : Effect.fail(new WeightsError({ file: run, reason: fault }))
}

/**
 * Reads the model of a run's folder (without frozen sets: `readFrozen`), of its newest checkpoint unless a step is given; its
 * stages read the files that the run has stored there (a vocabulary, even if the captions that it was trained on are gone). Fails
 * with a `WeightsError` where there is no run, no such checkpoint or a pipeline that cannot be loaded, or a `CheckpointError`
 * where one is damaged.
 */
export const loadRun = Effect.fn("weights.loadRun")(function* (run: string, tables: Tables, step?: number) {
  const refuse = (reason: string) => new WeightsError({ file: run, reason })
  const recorded = yield* recordedPipeline(run)
  if (!recorded) return yield* refuse("has no run in it (no pipeline.json)")
  const file = join(run, "pipeline.json")
  const edited = editedPipeline(recorded.pipeline, recorded.pipeline_sha256)
  if (edited !== undefined) return yield* new WeightsError({ file, reason: edited })
  const pipeline = yield* Effect.try({
    try: () => {
      const loaded = loadPipeline(recorded.pipeline, tables)
      return recorded.assets ? loadPipeline(dataIn(loaded, resolve(run)), tables) : loaded
    },
    catch: (error) => refuse(error instanceof Error ? error.message : String(error))
  })
  // The digest also covers the stages' versions, which change in later versions of this project.
  if (recorded.pipeline_sha256 === undefined && pipelineDigest(loadPipeline(recorded.pipeline, tables)) !== recorded.digest)
    yield* Effect.logWarning(
      `${file}: its pipeline has not the digest beside it: it was edited, or its stages have other versions now`
    )
  const steps = yield* checkpointSteps(run)
  const chosen = step ?? steps[0]
  if (chosen === undefined || !steps.includes(chosen))
    return yield* refuse(
      step === undefined ? "has no checkpoint" : `has no checkpoint of step ${step}, only of ${steps.join(", ")}`
    )
  const layout = parameterLayout(pipeline)
  const contents = yield* loadCheckpoint(checkpointFolder(run, chosen), pipeline, layout, setFiles(layout))
  const buffer = (name: string) => contents.get(name) as Float32Array | undefined // all buffers of these files are float32
  const teacher = buffer("teacher")
  const { digest, assets } = recorded
  const model = { pipeline, layout, student: buffer("student")!, ...(teacher ? { teacher } : {}), step: chosen }
  return { ...model, digest, assets } satisfies RunModel
})
