import { Clock, Effect, FileSystem } from "effect"
import { initialState } from "../model/initial.ts"
import { parameterLayout, type Slot, setOf } from "../model/layout.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { pipelineDigest, toData } from "../pipeline/pipeline.ts"
import type { RoundSettings } from "../pipeline/rounds-settings.ts"
import { BlobStore } from "../store/blob/blob-store.ts"
import { canonical } from "../store/canonical.ts"
import { storeError } from "../store/store-error.ts"
import { type Checkpoint, Round } from "../train/rounds/records.ts"
import { replicaPipeline } from "../train/rounds/replica-pipeline.ts"
import { roundSpans } from "../train/rounds/round-spans.ts"
import { encodeSlots } from "../train/rounds/tensors.ts"
import { frozenFiles, pinFrozen } from "../weights/frozen-file.ts"
import type { Job, PrepareJob } from "./job.ts"
import { JobRefused } from "./job-error.ts"
import { jobKey } from "./job-key.ts"
import { keys } from "./keys.ts"
import { closingJob, openRound, replicaJobs } from "./open-round.ts"
import type { Origin } from "./payload.ts"
import { OutputRecord, putContent, putRecord, readRecord } from "./records.ts"
import { type QueueUrls, sendJobs } from "./send-jobs.ts"
import { Submission } from "./submission.ts"

/** Inputs of a submission. */
export interface SubmitInputs {
  readonly name: string
  readonly pipeline: Pipeline
  readonly semmim: string
  readonly rounds: RoundSettings
  /** Shards to prepare, of `perShard` samples each; null where training reads the source itself. */
  readonly prepare: { readonly samples: number; readonly perShard: number } | null
  readonly limits: Submission["limits"]
  /** Initial parameters, the student's and the teacher's, and the record of their origin. */
  readonly start?: {
    readonly student: ReadonlyMap<string, Float32Array>
    readonly teacher?: ReadonlyMap<string, Float32Array>
    readonly weights: { readonly [kind: string]: string }
  }
}

/** Returns the jobs that write the shards. */
export const prepareJobs = ({
  samples,
  perShard
}: {
  readonly samples: number
  readonly perShard: number
}): readonly PrepareJob[] =>
  Array.from({ length: Math.ceil(samples / perShard) }, (_, shard) => ({
    kind: "prepare",
    shard,
    first: shard * perShard,
    count: Math.min(perShard, samples - shard * perShard)
  }))

/** Stores the files of frozen sets, which workers find by the digests in the pipeline. */
const putFrozen = Effect.fnUntraced(function* ({ name, pipeline }: SubmitInputs) {
  const fs = yield* FileSystem.FileSystem
  for (const { file } of (yield* frozenFiles(pipeline)).values())
    yield* putContent(name, yield* fs.readFile(file).pipe(Effect.mapError(storeError(file))))
})

/** Stores the state before the first round; returns its digest. */
const firstCheckpoint = Effect.fnUntraced(function* ({ name, pipeline, rounds, start }: SubmitInputs) {
  const own = replicaPipeline(pipeline, rounds.replicas)
  const layout = parameterLayout(own)
  const contents = initialState(own, layout, pipeline.training.seed, start?.student, start?.teacher)
  const teacher = setOf(layout, "teacher")
  const put = (slots: readonly Slot[], buffer: string) =>
    Effect.map(putContent(name, encodeSlots(slots, contents.get(buffer) as Float32Array)), ({ sha256 }) => sha256) // as initialState makes it
  const checkpoint: Checkpoint = {
    round: 0,
    step: 0,
    model: yield* put(layout.slots, "student"),
    teacher: teacher ? yield* put(teacher.slots, teacher.buffer) : null,
    velocity: null,
    state: null
  }
  const record = yield* putContent(name, new TextEncoder().encode(`${canonical(checkpoint)}\n`))
  return record.sha256
})

const originOf = ({ name, digest }: Submission, semmim: string): Origin => ({ submission: name, pipeline: digest, semmim })

const shardsJob: Job = { kind: "merge", of: "shards" }

/** Sends the first jobs of a new submission: those of its shards, or its first round. */
const begin = Effect.fnUntraced(function* (submission: Submission, urls: QueueUrls, origin: Origin) {
  const { prepare, rounds, checkpoint } = submission
  if (prepare !== null) {
    yield* sendJobs(urls, origin, prepareJobs(prepare))
    yield* sendJobs(urls, origin, [shardsJob], 1)
    return
  }
  const replicas = Array.from({ length: rounds.replicas }, (_, replica) => ({ replica, state: null }))
  yield* openRound(submission, { round: 0, checkpoint, replicas, norms: [] }, urls, origin)
})

/** Returns the last round that was opened. */
const lastRound = Effect.fnUntraced(function* (name: string, rounds: number) {
  let last: Round | undefined
  let [low, high] = [0, rounds - 1]
  // Rounds are opened in order, so the last one is found by binary search.
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = yield* readRecord(keys.round(name, middle), Round)
    if (found) last = found
    if (found) low = middle + 1
    else high = middle - 1
  }
  return last
})

/**
 * Sends again the messages that a submission waits for, e.g. after a queue was lost or a local server ended. Completed jobs are
 * recognised as such.
 */
export const resumeSubmission = Effect.fn("job.resumeSubmission")(function* (
  submission: Submission,
  urls: QueueUrls,
  semmim: string
) {
  const { name, digest, rounds, pipeline } = submission
  const origin = originOf(submission, semmim)
  const total = roundSpans(pipeline.training, rounds).length
  const round = yield* lastRound(name, total)
  if (round === undefined) return yield* begin(submission, urls, origin)
  yield* sendJobs(urls, origin, [...replicaJobs(round, 0), closingJob(round.round)])
  if (round.round + 1 < total) return
  const merged = yield* readRecord(keys.done(name, jobKey(digest, closingJob(round.round))), OutputRecord)
  const checkpoint = merged?.files["checkpoint"]?.sha256
  if (checkpoint !== undefined) yield* sendJobs(urls, origin, [{ kind: "evaluate", checkpoint }])
})

/**
 * Submits a pipeline: stores the submission and its first checkpoint and sends the first jobs; later ones are sent by workers. A
 * submission of the same name and content is resumed; one of the same name and other content is refused (`JobRefused`).
 */
export const submit = Effect.fn("job.submit")(function* (given: SubmitInputs, urls: QueueUrls) {
  const inputs = { ...given, pipeline: yield* pinFrozen(given.pipeline) }
  const { name, pipeline, semmim, rounds, prepare, limits } = inputs
  const store = yield* BlobStore
  const now = new Date(yield* Clock.currentTimeMillis).toISOString()
  const shards = prepare === null ? 0 : Math.ceil(prepare.samples / prepare.perShard)
  const number = roundSpans(pipeline.training, rounds).length
  const digest = pipelineDigest(pipeline)
  yield* putFrozen(inputs)
  const submission: Submission = {
    format: "semmim-submission",
    version: 1,
    name,
    semmim,
    created: now,
    digest,
    pipeline: JSON.parse(JSON.stringify(toData(pipeline))),
    prepare: prepare === null ? null : { shards, ...prepare },
    rounds,
    jobs: { prepare: shards, train: number * rounds.replicas, merge: number + (shards > 0 ? 1 : 0), evaluate: 1 },
    checkpoint: yield* firstCheckpoint(inputs),
    ...(inputs.start ? { weights: inputs.start.weights } : {}),
    limits
  }
  if ((yield* putRecord(keys.submission(name), submission)) === "created") {
    yield* begin(submission, urls, originOf(submission, semmim))
    return submission
  }
  const known = yield* readRecord(keys.submission(name), Submission)
  const comparable = (one: Submission | undefined) => one && canonical({ ...one, created: "", semmim: "", limits: null })
  if (comparable(known) !== comparable(submission) || known === undefined)
    return yield* new JobRefused({
      reason: "name-taken",
      detail: `${store.location} has another submission ${name}; choose another --name`
    })
  yield* resumeSubmission(known, urls, semmim)
  return known
})
