import { join } from "node:path"
import { Effect, FileSystem, Schema } from "effect"
import { parameterLayout } from "../model/layout.ts"
import { type Pipeline, type PipelineData, pipelineDigest, toData } from "../pipeline/pipeline.ts"
import { formatFault } from "../pipeline/pipeline-data.ts"
import { removeLeftovers, writeAtomically } from "../store/atomic.ts"
import { canonical } from "../store/canonical.ts"
import { digest } from "../store/digest.ts"
import { storeError } from "../store/store-error.ts"
import { type CheckpointState, checkpointFolder, verifyCheckpoint } from "./checkpoint.ts"
import { RunFolderError } from "./errors.ts"
import { readMetrics } from "./metrics.ts"

/** Settings of a pipeline that may change when its run is resumed; threads, workers and the engine are not settings of it. */
export const changeable: readonly string[] = [
  "training.steps",
  "training.logEvery",
  "training.checkpointEvery",
  "training.validateEvery",
  "training.keepLast"
]

/** True where a resumed run may have another value at a path: training does not depend on how its result is evaluated. */
const mayChange = (path: string): boolean => changeable.includes(path) || /^tasks\.\d+\.settings\./.test(path)

const leaves = (value: unknown, path: string): ReadonlyArray<readonly [string, unknown]> =>
  value !== null && typeof value === "object"
    ? Object.entries(value).flatMap(([name, inner]) => leaves(inner, path === "" ? name : `${path}.${name}`))
    : [[path, value]]

const without = ({ expected, ...rest }: PipelineData): Omit<PipelineData, "expected"> => rest

/** True for the location of a frozen set, which does not determine its content: its digest does. */
const isPlace = (path: string): boolean => /\.weights\.from$/.test(path)

/** Paths at which two pipelines as data differ, apart from expected metrics and the locations of frozen sets. */
export const differences = (a: PipelineData, b: PipelineData): readonly string[] => {
  const left = new Map(leaves(without(a), ""))
  const right = new Map(leaves(without(b), ""))
  return [...new Set([...left.keys(), ...right.keys()])].filter((path) => !isPlace(path) && left.get(path) !== right.get(path))
}

const Recorded = Schema.fromJsonString(
  Schema.Struct({
    digest: Schema.String,
    pipeline: Schema.Unknown,
    /** SHA-256 of `pipeline` as canonical JSON, independent of its stages' versions. Absent in older runs. */
    pipeline_sha256: Schema.optionalKey(Schema.String),
    /**
     * Digests of the files that stages had opened (a vocabulary), by stage; the files are in the folder. Absent in older runs.
     */
    assets: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
    /** Weights that it started from. */
    weights: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
  })
)

const pipelineFile = (folder: string): string => join(folder, "pipeline.json")

/** Returns the steps of the checkpoints in a folder, newest first. */
export const checkpointSteps = Effect.fn("train.checkpointSteps")(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = join(folder, "checkpoints")
  if (!(yield* fs.exists(path).pipe(Effect.mapError(storeError(path))))) return []
  const names = yield* fs.readDirectory(path).pipe(Effect.mapError(storeError(path)))
  return names
    .flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a)
})

const mostNamed = 8

/** Paths for a message: the first of them, and how many more there are. */
const firstOf = (paths: readonly string[]): string =>
  paths.slice(0, mostNamed).join(", ") + (paths.length > mostNamed ? ` and ${paths.length - mostNamed} more` : "")

/**
 * Reads the pipeline that a run folder was created with; undefined where there is no run. A pipeline of another format is a
 * `RunFolderError`.
 */
export const recordedPipeline = Effect.fn("train.recordedPipeline")(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const path = pipelineFile(folder)
  if (!(yield* fs.exists(path).pipe(Effect.mapError(storeError(path))))) return undefined
  const text = yield* fs.readFileString(path).pipe(Effect.mapError(storeError(path)))
  const refuse = (reason: string) => new RunFolderError({ folder: path, reason })
  const recorded = yield* Schema.decodeUnknownEffect(Recorded)(text).pipe(
    Effect.mapError((error) => refuse(error.message.split("\n", 1)[0]!))
  )
  const other = formatFault(recorded.pipeline)
  return other === undefined ? recorded : yield* refuse(other)
})

/** Provenance that a run records besides its pipeline's settings. */
export interface RunAssets {
  /** Digests of the files that its stages have opened, by stage. */
  readonly assets?: { readonly [stage: string]: string }
  /** Files that the stages need elsewhere, by name. */
  readonly files?: ReadonlyMap<string, Uint8Array>
  /** Weights that it starts from. */
  readonly weights?: { readonly [kind: string]: string }
}

/** Describes the first asset that differs from the one that a run has recorded; undefined where none does. */
export const assetFault = (
  recorded: { readonly [stage: string]: string } | undefined,
  opened: { readonly [stage: string]: string }
): string | undefined => {
  const changed = Object.entries(recorded ?? {}).find(
    ([stage, digest]) => opened[stage] !== undefined && opened[stage] !== digest
  )
  if (!changed) return undefined
  const [stage, digest] = changed
  return `what ${stage} opens (a vocabulary) has the SHA-256 ${opened[stage]!.slice(0, 12)}…, the run's has ${digest.slice(0, 12)}…: its file, or the captions that it is learnt from, have changed`
}

/** Starting point of a run: step 0, or a checkpoint. */
export interface Start {
  readonly step: number
  /** Last logged step of a run that was to be resumed and has no checkpoint; 0 where none was logged. */
  readonly lost?: number
  readonly checkpoint: string | undefined
  readonly state: CheckpointState | undefined
}

/**
 * Prepares a run folder (the caller holds its lock): a new one gets pipeline.json; one with a run in it (at least one step) is
 * refused without `resume`, and with it is compared setting by setting with the pipeline; settings that may not change are
 * refused by name. Errors: `RunFolderError`, `CheckpointError` for a damaged newest checkpoint.
 */
export const openRunFolder = Effect.fn("train.openRunFolder")(function* (
  folder: string,
  pipeline: Pipeline,
  seed: number,
  resume: boolean,
  { assets, files = new Map(), weights }: RunAssets = {}
) {
  yield* removeLeftovers(folder)
  yield* removeLeftovers(join(folder, "checkpoints"))
  const recorded = yield* recordedPipeline(folder)
  const data = toData(pipeline)
  const [step] = yield* checkpointSteps(folder)
  const lines = yield* readMetrics(folder)
  const started = step !== undefined || lines.length > 0
  if (started && !resume)
    return yield* new RunFolderError({ folder, reason: "has a run in it; give --resume to go on with it, or another --out" })
  if (started && !recorded)
    return yield* new RunFolderError({ folder, reason: "has a run in it, but no pipeline.json that says of what" })
  if (started && recorded) {
    const refused = differences(recorded.pipeline as PipelineData, JSON.parse(JSON.stringify(data))).filter(
      (path) => !mayChange(path)
    )
    if (refused.includes("name")) {
      const { name: own } = recorded.pipeline as PipelineData
      const reason = `has a run of '${own}' in it and cannot be resumed with '${pipeline.name}'; give another --out`
      return yield* new RunFolderError({ folder, reason })
    }
    if (refused.length > 0)
      return yield* new RunFolderError({
        folder,
        reason: `cannot be resumed with another ${firstOf(refused)} (what may change: ${changeable.join(", ")}, settings of tasks, engine, threads, workers)`
      })
    const fault = assetFault(recorded.assets, assets ?? {})
    if (fault !== undefined) return yield* new RunFolderError({ folder, reason: `cannot be resumed: ${fault}` })
  }
  const checkpoint = step === undefined ? undefined : checkpointFolder(folder, step)
  const state = checkpoint === undefined ? undefined : yield* verifyCheckpoint(checkpoint, parameterLayout(pipeline))
  if (state && state.seed !== seed)
    return yield* new RunFolderError({ folder, reason: `was started with seed ${state.seed}, not ${seed}` })
  for (const [name, bytes] of files) yield* writeAtomically(join(folder, name), bytes)
  const startWeights = started ? recorded?.weights : weights
  const record = {
    digest: pipelineDigest(pipeline),
    seed,
    pipeline: data,
    pipeline_sha256: digest(data),
    ...(assets ? { assets } : {}),
    ...(startWeights && Object.keys(startWeights).length > 0 ? { weights: startWeights } : {})
  }
  yield* writeAtomically(pipelineFile(folder), `${canonical(record)}\n`)
  const lost = resume && recorded && step === undefined ? (lines.at(-1)?.step ?? 0) : undefined
  return { step: step ?? 0, checkpoint, state, ...(lost === undefined ? {} : { lost }) } satisfies Start
})

/** Removes all but the last `keep` checkpoints and the best one. */
export const pruneCheckpoints = Effect.fn("train.pruneCheckpoints")(function* (
  folder: string,
  keep: number,
  best: number | undefined
) {
  const fs = yield* FileSystem.FileSystem
  const steps = yield* checkpointSteps(folder)
  for (const step of steps.slice(keep)) {
    if (step === best) continue
    const path = checkpointFolder(folder, step)
    yield* fs.remove(path, { recursive: true }).pipe(Effect.mapError(storeError(path)))
  }
})
