import { Effect, Schema } from "effect"
import type { TrainJob } from "../../job/job.ts"
import { JobRefused } from "../../job/job-error.ts"
import { jobKey } from "../../job/job-key.ts"
import { keys } from "../../job/keys.ts"
import { closingJob } from "../../job/open-round.ts"
import { hasRecord, putRecord, readContent, readRecord } from "../../job/records.ts"
import { sendJobs } from "../../job/send-jobs.ts"
import type { Submission } from "../../job/submission.ts"
import { type BufferContents, initialState } from "../../model/initial.ts"
import { formatLine } from "../../run-folder/metrics.ts"
import { attempt } from "../../store/safetensors/safetensors-error.ts"
import { openSliceTrainer, type SliceTrainer } from "../../train/rounds/local-steps.ts"
import { normOf } from "../../train/rounds/outer-step.ts"
import { Round, type SliceResult } from "../../train/rounds/records.ts"
import { replicaPipeline } from "../../train/rounds/replica-pipeline.ts"
import { roundSpans } from "../../train/rounds/round-spans.ts"
import { decodeBuffers, encodeBuffers, encodeSlots } from "../../train/rounds/tensors.ts"
import type { JobContext, JobHandler } from "../handler.ts"
import { readCheckpoint, readShared } from "./checkpoint.ts"
import { sharedCompiled } from "./compiled.ts"
import type { HandlerConfig } from "./config.ts"
import { readFrozenContents } from "./frozen.ts"
import type { Latest } from "./latest.ts"
import { divides, forWantOfMemory, tooLarge } from "./memory.ts"
import { tablesFor } from "./sources.ts"

/** Reads the round of a job, which must match the job: a message cannot invent a round. */
const roundOf = Effect.fnUntraced(function* (job: TrainJob, { name }: Submission) {
  const round = yield* readRecord(keys.round(name, job.round), Round)
  const replica = round?.replicas.find(({ replica }) => replica === job.replica)
  if (!round || !replica || round.checkpoint !== job.checkpoint || replica.state !== job.state || round.steps !== job.steps)
    return yield* new JobRefused({
      reason: "other-round",
      detail: `round ${job.round} was not opened with replica ${job.replica} as the message has it`
    })
  return round
})

/** A trainer, and an effect that stores the programs that it has compiled. */
export interface KeptTrainer extends SliceTrainer {
  readonly keepCompiled: Effect.Success<ReturnType<typeof sharedCompiled>>
}

/** Runs one replica's local steps: returns its delta, its own state, and its metrics. */
export const trainHandler = (config: HandlerConfig, trainers: Latest<KeptTrainer>): JobHandler<TrainJob> => {
  const halved = new Set<string>()

  const localSteps = Effect.fnUntraced(function* (job: TrainJob, { submission, pipeline: whole }: JobContext, half: boolean) {
    const { rounds, name, digest } = submission
    const part = whole.training.batch / rounds.replicas
    const pipeline = yield* Effect.try({
      try: () => replicaPipeline(whole, rounds.replicas, half ? part / 2 : whole.training.microBatch),
      catch: (cause) => new JobRefused({ reason: "bad-replicas", detail: cause instanceof Error ? cause.message : String(cause) })
    })
    const tables = yield* tablesFor(submission, config, true)
    const engine = yield* config.engine
    const open = Effect.gen(function* () {
      const keepCompiled = yield* sharedCompiled(name, engine)
      const frozen = yield* readFrozenContents(name, pipeline)
      const trainer = yield* openSliceTrainer({ pipeline, engine, frozen, threads: config.threads, cache: config.cache, tables })
      return { ...trainer, keepCompiled } satisfies KeptTrainer
    })
    return yield* trainers.use(`${name} ${digest} ${half}`, open, (trainer) =>
      Effect.gen(function* () {
        const { layout } = trainer
        const shared = yield* readShared(name, yield* readCheckpoint(name, job.checkpoint), layout)
        const fresh = new Map(initialState(pipeline, layout, pipeline.training.seed))
        for (const { buffer } of layout.sets) fresh.delete(buffer)
        const { state } = job
        const own =
          state === null
            ? fresh
            : yield* Effect.flatMap(readContent(name, state), (bytes) => attempt(() => decodeBuffers(fresh, bytes, state)))
        const { student, teacher } = shared
        const sets: BufferContents = new Map([["student", student], ...(teacher ? [["teacher", teacher] as const] : [])])
        const { from } = roundSpans(whole.training, rounds)[job.round]!
        const task = { replica: job.replica, replicas: rounds.replicas, from, steps: job.steps }
        const outcome = yield* trainer.run({ ...task, contents: new Map([...own, ...sets]) })
        yield* trainer.keepCompiled
        const after = outcome.contents.get("student") as Float32Array // as it was stored there
        const delta = student.map((value, i) => value - after[i]!)
        const kept = new Map([...own.keys()].map((buffer) => [buffer, outcome.contents.get(buffer)!]))
        const norm = normOf(delta)
        const loss = outcome.metrics.at(-1)?.loss
        const result: SliceResult = {
          replica: job.replica,
          samples: outcome.samples,
          norm: Number.isFinite(norm) ? norm : null,
          loss: loss !== undefined && Number.isFinite(loss) ? loss : null
        }
        const files = {
          delta: encodeSlots(layout.slots, delta),
          state: encodeBuffers(kept),
          metrics: new TextEncoder().encode(outcome.metrics.map(formatLine).join(""))
        }
        return { files, result: { ...result } }
      })
    )
  })

  return {
    limitSeconds: 6 * 3600,
    run: Effect.fn("job.train")(function* (job, context) {
      const { submission, pipeline } = context
      if (yield* hasRecord(keys.closed(submission.name, job.round))) return { needless: `round ${job.round} is closed already` }
      yield* roundOf(job, submission)
      const { halveOnMemory, replicas } = submission.rounds
      const id = `${submission.name} ${submission.digest}`
      const halves = Effect.suspend(() => localSteps(job, context, true))
      const steps = halved.has(id)
        ? halves
        : Effect.catchIf(localSteps(job, context, false), forWantOfMemory, (error) => {
            if (!halveOnMemory || !divides(pipeline, replicas)) return Effect.fail(error)
            halved.add(id)
            return Effect.andThen(Effect.logWarning(`${error.message}: the step is tried in two halves`), halves)
          })
      return yield* Effect.mapError(steps, (error) => (forWantOfMemory(error) ? tooLarge(error) : error))
    }),
    /**
     * The worker that commits the last delta of a round requests its closing; if that message is lost, the deadline closes the
     * round.
     */
    followUp: Effect.fnUntraced(function* (job, { submission, origin, key }) {
      const { name, digest } = submission
      if (yield* hasRecord(keys.closed(name, job.round))) return
      const round = yield* readRecord(keys.round(name, job.round), Round)
      if (!round) return
      for (const { replica, state } of round.replicas) {
        const attempts = Array.from({ length: job.attempt + 1 }, (_, attempt) => attempt)
        const found = yield* Effect.forEach(attempts, (attempt) =>
          hasRecord(keys.done(name, jobKey(digest, { ...job, replica, state, attempt })))
        )
        if (!found.includes(true)) return
      }
      // Only one of them requests it: the one whose key is in the record, each time that it reaches this point.
      const asking = keys.complete(name, job.round, job.attempt)
      yield* putRecord(asking, { by: key })
      const asks = yield* readRecord(asking, Schema.Struct({ by: Schema.String }))
      if (asks?.by === key) yield* sendJobs(config.urls, origin, [closingJob(job.round)])
    })
  }
}
