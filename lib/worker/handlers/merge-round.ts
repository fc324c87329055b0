import { Effect } from "effect"
import { JobRefused } from "../../job/job-error.ts"
import { keys } from "../../job/keys.ts"
import { openRound } from "../../job/open-round.ts"
import { hasRecord, type OutputRecord, putContent, putRecord, readContent, readRecord } from "../../job/records.ts"
import { sendJobs } from "../../job/send-jobs.ts"
import { parameterLayout } from "../../model/layout.ts"
import { attempt } from "../../store/safetensors/safetensors-error.ts"
import { meanMetrics, parseMetrics } from "../../train/rounds/mean-metrics.ts"
import { type Delta, outerStep } from "../../train/rounds/outer-step.ts"
import { type Checkpoint, Closing, Round } from "../../train/rounds/records.ts"
import { roundSpans } from "../../train/rounds/round-spans.ts"
import { decodeSlots } from "../../train/rounds/tensors.ts"
import type { JobContext, JobOutcome } from "../handler.ts"
import { checkpointBytes, readCheckpoint, readShared, sharedFiles } from "./checkpoint.ts"
import { closeRound } from "./close-round.ts"
import type { HandlerConfig } from "./config.ts"
import { forgetRound } from "./forget-round.ts"

const theRound = Effect.fnUntraced(function* (submission: string, round: number) {
  const record = yield* readRecord(keys.round(submission, round), Round)
  return record ?? (yield* new JobRefused({ reason: "no-round", detail: `round ${round} of ${submission} was never opened` }))
})

/**
 * Closes a round and computes the next checkpoint from its deltas. The bytes do not depend on the worker: the set of deltas is
 * fixed before.
 */
export const mergeRound = Effect.fn("job.mergeRound")(function* (number: number, context: JobContext, config: HandlerConfig) {
  const { submission, pipeline } = context
  const { name, rounds } = submission
  const round = yield* theRound(name, number)
  const closing = yield* closeRound(round, context, config)
  if ("later" in closing) return closing satisfies JobOutcome
  const layout = parameterLayout(pipeline)
  const before = yield* readCheckpoint(name, round.checkpoint)
  const deltas = yield* Effect.forEach(
    closing.used,
    Effect.fnUntraced(function* ({ replica, samples, delta }) {
      const bytes = yield* readContent(name, delta)
      const values = yield* attempt(() => decodeSlots(layout.slots, layout.length, bytes, delta))
      return { replica, samples, values } satisfies Delta
    })
  )
  const shared = outerStep(yield* readShared(name, before, layout), deltas, layout.slots, {
    rate: rounds.rate,
    momentum: rounds.momentum,
    teacherMomentum: pipeline.training.momentum ** round.steps
  })
  const files = sharedFiles(shared, layout)
  const put = (bytes: Uint8Array) => putContent(name, bytes)
  const metrics = yield* Effect.forEach(closing.used, ({ metrics }) => readContent(name, metrics))
  const checkpoint: Checkpoint = {
    round: number + 1,
    step: before.step + round.steps,
    model: (yield* put(files.model)).sha256,
    teacher: files.teacher && (yield* put(files.teacher)).sha256,
    velocity: (yield* put(files.velocity)).sha256,
    state: closing.used[0]!.state
  }
  return {
    files: {
      checkpoint: checkpointBytes(checkpoint),
      metrics: new TextEncoder().encode(meanMetrics(metrics.map((bytes) => parseMetrics(new TextDecoder().decode(bytes)))))
    },
    result: {
      ...{ used: closing.used.length, rejected: closing.rejected.length, missing: closing.missing.length },
      processors: [...new Set(closing.used.flatMap(({ processor }) => processor ?? []))].sort()
    }
  } satisfies JobOutcome
})

/** Opens the next round, or after the last round sends the evaluation. */
const follow = Effect.fnUntraced(function* (
  number: number,
  { submission, origin }: JobContext,
  output: OutputRecord,
  { urls }: HandlerConfig
) {
  const { name, rounds, pipeline } = submission
  const checkpoint = output.files["checkpoint"]!.sha256
  const closing = yield* readRecord(keys.closed(name, number), Closing)
  const round = yield* theRound(name, number)
  if (number + 1 >= roundSpans(pipeline.training, rounds).length)
    return yield* sendJobs(urls, origin, [{ kind: "evaluate", checkpoint }])
  const states = new Map(closing?.used.map(({ replica, state }) => [replica, state]))
  const replicas = round.replicas.map(({ replica, state }) => ({ replica, state: states.get(replica) ?? state }))
  const norms = closing?.used.map(({ norm }) => norm) ?? []
  return yield* openRound(submission, { round: number + 1, checkpoint, replicas, norms }, urls, origin)
})

/** Action after a round is merged, each time its message is received; completed actions are not repeated. */
export const afterRound = Effect.fnUntraced(function* (
  number: number,
  context: JobContext,
  output: OutputRecord,
  config: HandlerConfig
) {
  const { name } = context.submission
  const sent = keys.followed(name, number)
  if (!(yield* hasRecord(sent))) {
    yield* follow(number, context, output, config)
    yield* putRecord(sent, {})
  }
  // also where a worker ended between the two
  if (number > 0) yield* forgetRound(name, number - 1)
})
