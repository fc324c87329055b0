import { join } from "node:path"
import { Effect, Schema } from "effect"
import { EngineError, type EngineSession } from "../engine/engine.ts"
import { initialState } from "../model/initial.ts"
import { parameterLayout, setOf } from "../model/layout.ts"
import { loadPipeline, type Tables } from "../pipeline/load.ts"
import { pipelineDigest } from "../pipeline/pipeline.ts"
import type { Concluded } from "../report/conclude-run.ts"
import { saveCheckpoint } from "../run-folder/checkpoint.ts"
import { openRunFolder } from "../run-folder/run-folder.ts"
import { writeAtomically } from "../store/atomic.ts"
import { attempt } from "../store/safetensors/safetensors-error.ts"
import { readEvaluation } from "../task/evaluation.ts"
import type { TaskTable } from "../task/task.ts"
import { Checkpoint } from "../train/rounds/records.ts"
import { replicaPipeline } from "../train/rounds/replica-pipeline.ts"
import { decodeBuffers, decodeSlots } from "../train/rounds/tensors.ts"
import { Digest } from "./job.ts"
import { JobFailed } from "./job-error.ts"
import { keys } from "./keys.ts"
import { OutputRecord, readContent, readRecord } from "./records.ts"
import type { Submission } from "./submission.ts"

const Finished = Schema.Struct({ evaluation: Schema.String })
const Evaluated = Schema.Struct({
  checkpoint: Digest,
  step: Schema.Int,
  /** Kinds of processors that the rounds were computed on; absent in results of older versions. */
  processors: Schema.optionalKey(Schema.Array(Schema.String))
})

/** Returns a session that has buffers and runs nothing, from which a checkpoint is saved. */
const holding = (contents: ReadonlyMap<string, Float32Array | Int32Array>): EngineSession => {
  const cannot = Effect.fail(new EngineError({ engine: "none", doing: "running", reason: "it only holds buffers" }))
  return {
    compile: () => cannot,
    write: () => cannot,
    usage: cannot,
    read: (name) =>
      Effect.suspend(() => {
        const numbers = contents.get(name)
        return numbers ? Effect.succeed(numbers) : cannot
      })
  }
}

/**
 * Fetches a finished submission's result into a run's folder, laid out as by `semmim run` (design.md §6): pipeline.json,
 * metrics.jsonl, the last checkpoint with the optimizer state of its first replica, evaluation.json and report.html.
 */
export const fetchRun = Effect.fn("job.fetchRun")(function* (
  { name, rounds, pipeline: data, weights }: Submission,
  folder: string,
  tables: Tables & { readonly tasks: TaskTable }
) {
  const missing = (what: string) => new JobFailed({ reason: "no-result", detail: `${name} has no ${what}` })
  const finished = yield* readRecord(keys.finished(name), Finished)
  const output = finished && (yield* readRecord(keys.done(name, finished.evaluation), OutputRecord))
  if (output === undefined) return yield* missing("evaluation")
  const result = yield* Schema.decodeUnknownEffect(Evaluated)(output.result).pipe(Effect.mapError(() => missing("evaluation")))
  const pipeline = loadPipeline(data, tables)
  yield* openRunFolder(folder, pipeline, pipeline.training.seed, true, weights ? { weights } : {})
  const text = new TextDecoder().decode(yield* readContent(name, result.checkpoint))
  const checkpoint = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Checkpoint))(text).pipe(
    Effect.mapError(() => missing("checkpoint"))
  )
  const own = replicaPipeline(pipeline, rounds.replicas)
  const layout = parameterLayout(own)
  const contents = new Map(initialState(own, layout, pipeline.training.seed))
  const teacher = setOf(layout, "teacher")
  const model = yield* readContent(name, checkpoint.model)
  contents.set("student", yield* attempt(() => decodeSlots(layout.slots, layout.length, model, "model")))
  if (teacher && checkpoint.teacher !== null) {
    const bytes = yield* readContent(name, checkpoint.teacher)
    contents.set(teacher.buffer, yield* attempt(() => decodeSlots(teacher.slots, teacher.length, bytes, "teacher")))
  }
  if (checkpoint.state !== null) {
    const like = new Map([...contents].filter(([buffer]) => !layout.sets.some((set) => set.buffer === buffer)))
    const state = yield* readContent(name, checkpoint.state)
    for (const [buffer, numbers] of yield* attempt(() => decodeBuffers(like, state, "state"))) contents.set(buffer, numbers)
  }
  const { seed } = pipeline.training
  const { processors = [] } = result
  yield* saveCheckpoint(folder, own, layout, holding(contents), {
    step: checkpoint.step,
    pipeline: pipelineDigest(pipeline),
    seed,
    engine: output.worker,
    ...(processors.length > 0 ? { processor: processors.join(", ") } : {}),
    best: null
  })
  for (const [file, { sha256 }] of Object.entries(output.files)) {
    if (!/^[a-z]+\.(?:json|jsonl|html)$/.test(file)) continue
    yield* writeAtomically(join(folder, file), yield* readContent(name, sha256))
  }
  return { evaluation: yield* readEvaluation(folder, tables.tasks), report: join(folder, "report.html") } satisfies Concluded
})
