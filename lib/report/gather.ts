import { join } from "node:path"
import { Effect } from "effect"
import { reasonKinds } from "../data/bad-samples.ts"
import type { Credit, Source } from "../data/source.ts"
import { thumbnail } from "../html/thumbnail.ts"
import type { Expected } from "../pipeline/expected.ts"
import { pipelineDigest } from "../pipeline/pipeline.ts"
import { derive, key } from "../random/key.ts"
import { readMetrics } from "../run-folder/metrics.ts"
import { readSkipped } from "../run-folder/skipped.ts"
import { writeAtomically } from "../store/atomic.ts"
import { type Evaluation, readEvaluation } from "../task/evaluation.ts"
import { someOf } from "../task/subset.ts"
import type { TaskTable } from "../task/task.ts"
import type { TaskData } from "../task/task-data.ts"
import type { Pairs, ReportData, TaskReport } from "./data.ts"
import { attentionExamples } from "./gather-attention.ts"
import { settingPairs } from "./gather-facts.ts"
import { maskExamples } from "./gather-masks.ts"
import { report } from "./report.ts"
import { type Subject, shownSamples } from "./subject.ts"

/** Inputs of a report besides the run's folder. */
export interface ReportInputs extends Subject {
  /** Folder of the run: metrics.jsonl and evaluation.json are read, report.html is written. */
  readonly run: string
  readonly step: number
  /** Held-out data from which examples of masks and attention are drawn. */
  readonly source: Source
  /** Data with the images that tasks show; `source` by default. */
  readonly data?: TaskData
  readonly tasks: TaskTable
  readonly credits: readonly Credit[]
  /** `environmentPairs`. */
  readonly environment: Pairs
  /** Metrics of runs with several seeds, to compare this run with. */
  readonly expected?: Expected | undefined
}

const maskCount = 6
const attentionCount = 4

/** Returns images of a source by sample id, as data URIs; those that cannot be decoded are omitted. */
const imagesOf = Effect.fnUntraced(function* (ids: readonly string[], source: Source) {
  const images = new Map<string, string>()
  const wanted = new Set(ids)
  for (let index = 0; index < source.count && images.size < wanted.size; index++) {
    const id = source.id(index)
    if (!wanted.has(id)) continue
    const raw = yield* Effect.result(source.sample(index))
    const uri = raw._tag === "Success" ? yield* thumbnail(raw.success.image, false) : undefined
    if (uri !== undefined) images.set(id, uri)
  }
  return images
})

/** Returns each task's section, in the order of the pipeline's tasks. */
const taskReports = Effect.fnUntraced(function* (evaluation: Evaluation | undefined, inputs: ReportInputs) {
  if (!evaluation) return []
  const { measured, failed, model } = evaluation
  const reports: TaskReport[] = []
  for (const [task, found] of Object.entries(measured)) {
    const definition = inputs.tasks[task]!
    const images = yield* imagesOf(definition.shows(found), inputs.data?.get(task) ?? inputs.source)
    const context = { weights: model.weights, images, expected: inputs.expected }
    reports.push({ task, figures: definition.figures(found, context), section: definition.section(found, context) })
  }
  return [...reports, ...Object.entries(failed).map(([task, reason]) => ({ task, failed: reason }))]
})

/** Runs a part of the report; where it fails, returns nothing and logs a warning, since the other parts are still useful. */
const orNothing = <A, E extends { readonly message: string }>(part: Effect.Effect<readonly A[], E>) =>
  Effect.catch(part, (error) => Effect.as(Effect.logWarning(`the report lacks a part: ${error.message}`), [] as readonly A[]))

const unique = (credits: readonly Credit[]): readonly Credit[] => [
  ...new Map(credits.map((credit) => [`${credit.name} ${credit.url}`, credit])).values()
]

/** Returns the number of prototypes of the prototype head, found by its parameter's name; undefined without such a head. */
const prototypesOf = ({ layout }: Subject): number | undefined =>
  layout.slots.find(({ name }) => name.endsWith("prototypes.weight"))?.shape[0]

/**
 * Gathers the content of a report: the run's metrics and evaluation, and masks and attention of a few samples, for which small
 * programs run on the session. Fails with an `EvaluateError`, `EngineError` or `StoreError`.
 */
export const gatherReport = Effect.fn("report.gather")(function* (inputs: ReportInputs) {
  const { run, step, pipeline, source, credits, environment, host } = inputs
  const evaluation = yield* readEvaluation(run, inputs.tasks)
  const chosen = someOf(source, 2 * maskCount, derive(key(pipeline.training.seed), "report"))
  const samples = yield* shownSamples(chosen, host, maskCount)
  const data: ReportData = {
    pipeline: pipeline.name,
    digest: pipelineDigest(pipeline),
    step,
    steps: pipeline.training.steps,
    metrics: yield* readMetrics(run),
    skipped: reasonKinds(yield* readSkipped(run)),
    prototypes: prototypesOf(inputs),
    tasks: yield* taskReports(evaluation, inputs),
    masks: yield* orNothing(maskExamples(inputs, samples)),
    attention: yield* orNothing(attentionExamples(inputs, samples.slice(0, attentionCount))),
    settings: settingPairs(pipeline),
    environment,
    credits: unique([...credits, ...source.credits])
  }
  return data
})

/** Gathers a report and writes it as `report.html` into the run's folder. */
export const writeReport = Effect.fn("report.write")(function* (inputs: ReportInputs) {
  const path = join(inputs.run, "report.html")
  yield* writeAtomically(path, report(yield* gatherReport(inputs)))
  return path
})
