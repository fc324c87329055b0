import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { openBatches } from "../../lib/data/batches.ts"
import type { Engine } from "../../lib/engine/engine.ts"
import { reference } from "../../lib/engine/reference/engine.ts"
import { overridden } from "../../lib/pipeline/override.ts"
import { type Pipeline, toData } from "../../lib/pipeline/pipeline.ts"
import { sha256 } from "../../lib/store/digest.ts"
import { runTraining } from "../../lib/train/run.ts"
import { toyPipeline, toyTables } from "./pipeline.ts"

/** How a toy run differs from a new one in one process. */
export interface ToyRun {
  /** What is trained; the toy pipeline unless given. */
  readonly pipeline?: Pipeline
  readonly set?: readonly string[]
  readonly resume?: boolean
  readonly workers?: number
  readonly stopping?: () => boolean
  readonly given?: ReadonlyMap<string, Float32Array>
  readonly engine?: Engine
  readonly threads?: number
  /** Is given the lines that the run prints. */
  readonly print?: (text: string) => void
}

/** Trains the toy pipeline in a folder on the reference engine; the model is there until the scope ends. */
export const toyTraining = (
  folder: string,
  {
    pipeline: given = toyPipeline(),
    set = [],
    resume = false,
    workers = 0,
    stopping = () => false,
    given: parameters = new Map(),
    engine = reference,
    threads = 1,
    print = () => {}
  }: ToyRun = {}
) => {
  const sets = ["batch=2", "steps=4", "checkpointEvery=2", "logEvery=1", "keepLast=1", ...set]
  const pipeline = overridden(given, sets, toyTables)
  const { seed } = pipeline.training
  const workerUrl = new URL("worker.ts", import.meta.url)
  const job = { pipeline: toData(pipeline), seed, cache: null }
  return runTraining({
    pipeline,
    folder,
    seed,
    resume,
    engine,
    threads,
    stopping,
    given: parameters,
    progress: { write: print, columns: () => undefined },
    openBatches: (from) => openBatches({ job, tables: toyTables, workerUrl, workers, from })
  })
}

/** The same from start to end: four steps of two pairs, a checkpoint every other step. */
export const toyRun = (folder: string, given?: ToyRun) => Effect.scoped(toyTraining(folder, given))

const timings = new Set(["samplesPerSecond", "stepSeconds", "dataSeconds"])

/** What a run left: its newest checkpoint's digests, and its metrics without timings. */
export const outcomeOf = (folder: string) => {
  const steps = readdirSync(join(folder, "checkpoints")).flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
  const step = Math.max(...steps.map(Number))
  const lines = readFileSync(join(folder, "metrics.jsonl"), "utf8").trimEnd().split("\n")
  return {
    step,
    tensors: ["model", "teacher", "optimizer"]
      .map((file) => join(folder, "checkpoints", `step-${step}`, `${file}.safetensors`))
      .flatMap((file) => (existsSync(file) ? [sha256(readFileSync(file))] : [])),
    metrics: lines.map((line) =>
      Object.fromEntries(Object.entries(JSON.parse(line) as Record<string, number>).filter(([name]) => !timings.has(name)))
    )
  }
}
