import { Clock, Effect } from "effect"
import { Round } from "../train/rounds/records.ts"
import { roundSpans } from "../train/rounds/round-spans.ts"
import type { Job } from "./job.ts"
import { JobFailed } from "./job-error.ts"
import { keys } from "./keys.ts"
import type { Origin } from "./payload.ts"
import { putRecord, readRecord } from "./records.ts"
import { type QueueUrls, sendJobs } from "./send-jobs.ts"
import type { Submission } from "./submission.ts"

/** Maximum delay of a message in SQS, in seconds. */
export const longestDelay = 900

/** Returns the job that closes a round. */
export const closingJob = (round: number): Job => ({ kind: "merge", of: "round", round })

/** Returns the jobs of some replicas of a round. */
export const replicaJobs = (
  { round, checkpoint, steps, replicas }: Round,
  attempt: number,
  only?: readonly number[]
): readonly Job[] =>
  replicas
    .filter(({ replica }) => only === undefined || only.includes(replica))
    .map(({ replica, state }) => ({ kind: "train", round, replica, attempt, steps, checkpoint, state }))

/** Inputs of a round. */
export interface Opening {
  readonly round: number
  readonly checkpoint: string
  readonly replicas: Round["replicas"]
  readonly norms: readonly number[]
}

/**
 * Opens a round: stores its record, unless there is one, and sends a message per replica and a delayed one that checks the round
 * after the deadline. May run more than once: messages sent twice request one output.
 */
export const openRound = Effect.fn("job.openRound")(function* (
  { name, rounds, pipeline }: Submission,
  opening: Opening,
  urls: QueueUrls,
  origin: Origin
) {
  const { round } = opening
  const { steps } = roundSpans(pipeline.training, rounds)[round]!
  const record: Round = { ...opening, steps, openedMillis: yield* Clock.currentTimeMillis }
  yield* putRecord(keys.round(name, round), record)
  const opened = yield* readRecord(keys.round(name, round), Round)
  if (opened === undefined) return yield* new JobFailed({ reason: "vanished-round", detail: keys.round(name, round) })
  yield* sendJobs(urls, origin, replicaJobs(opened, 0))
  yield* sendJobs(urls, origin, [closingJob(round)], Math.min(longestDelay, rounds.deadlineSeconds))
  return opened
})
