import { Clock, Effect, Schema } from "effect"
import { JobRefused } from "../../job/job-error.ts"
import { jobKey } from "../../job/job-key.ts"
import { keys } from "../../job/keys.ts"
import { replicaJobs } from "../../job/open-round.ts"
import { OutputRecord, putRecord, readRecord } from "../../job/records.ts"
import { sendJobs } from "../../job/send-jobs.ts"
import { judgeDeltas, quorumOf } from "../../train/rounds/judge-deltas.ts"
import { Closing, Reissue, type Round, SliceResult } from "../../train/rounds/records.ts"
import type { JobContext } from "../handler.ts"
import type { HandlerConfig } from "./config.ts"

/** A replica's delta that has arrived. */
interface Come {
  readonly attempt: number
  readonly output: OutputRecord
  readonly result: SliceResult
}

/** Returns the deltas of a round that have arrived, the earliest attempt of each replica first. */
const arrived = Effect.fnUntraced(function* (round: Round, attempts: number, { submission }: JobContext) {
  const { name, digest } = submission
  const all: Come[] = []
  for (let attempt = attempts; attempt >= 0; attempt--)
    for (const job of replicaJobs(round, attempt)) {
      const output = yield* readRecord(keys.done(name, jobKey(digest, job)), OutputRecord)
      if (output === undefined) continue
      const result = Schema.decodeUnknownOption(SliceResult)(output.result)
      if (result._tag === "Some") all.push({ attempt, output, result: result.value })
    }
  return all
})

const finiteNorm = (norm: number | null): number => norm ?? Number.NaN

/**
 * Returns the one delta of each replica with which a round would be closed now, the rejected deltas, and the replicas without a
 * delta.
 */
const judged = (round: Round, all: readonly Come[], outlier: number): Closing => {
  const rejected: Closing["rejected"][number][] = []
  const used = new Map<number, Come>()
  const norms = all.map(({ result }) => ({ replica: result.replica, norm: finiteNorm(result.norm) }))
  for (const come of all) {
    const { replica, norm } = come.result
    const others = norms.filter((each) => each.replica !== replica)
    const own = judgeDeltas([...others, { replica, norm: finiteNorm(norm) }], outlier, round.norms).rejected.find(
      (each) => each.replica === replica
    )
    if (own) rejected.push({ ...own, reason: own.reason, detail: `attempt ${come.attempt}: ${own.detail}` })
    else used.set(replica, come)
  }
  return {
    used: [...used.values()]
      .sort((a, b) => a.result.replica - b.result.replica)
      .map(({ attempt, output, result }) => ({
        replica: result.replica,
        attempt,
        samples: result.samples,
        norm: finiteNorm(result.norm),
        delta: output.files["delta"]!.sha256,
        state: output.files["state"]!.sha256,
        metrics: output.files["metrics"]!.sha256,
        ...(output.processor === undefined ? {} : { processor: output.processor })
      })),
    rejected,
    missing: round.replicas.map(({ replica }) => replica).filter((replica) => !used.has(replica))
  }
}

/** Returns how many times a round's replicas were issued again, and the time from which its deadline counts. */
const reissues = Effect.fnUntraced(function* (submission: string, round: Round, most: number) {
  let latest = { attempt: 0, openedMillis: round.openedMillis }
  for (let attempt = 1; attempt <= most; attempt++) {
    const record = yield* readRecord(keys.reissued(submission, round.round, attempt), Reissue)
    if (record === undefined) return latest
    latest = { attempt, openedMillis: record.openedMillis }
  }
  return latest
})

/**
 * Fixes the set of deltas that a round is closed with, by one conditional put: all of them, or a quorum after the deadline.
 * Before the deadline, returns the seconds until then. Below the quorum the missing replicas are issued again, and after the last
 * reissue the submission has failed.
 */
export const closeRound = Effect.fn("worker.closeRound")(function* (round: Round, context: JobContext, config: HandlerConfig) {
  const { submission, origin } = context
  const { name, rounds } = submission
  const key = keys.closed(name, round.round)
  const known = yield* readRecord(key, Closing)
  if (known !== undefined) return known
  const { attempt, openedMillis } = yield* reissues(name, round, rounds.reissues)
  const closing = judged(round, yield* arrived(round, attempt, context), rounds.outlier)
  const left = openedMillis / 1000 + rounds.deadlineSeconds - (yield* Clock.currentTimeMillis) / 1000
  // A replica whose delta is rejected is not waited for: it counts as lost.
  const waiting = closing.missing.some((replica) => !closing.rejected.some((each) => each.replica === replica))
  if (waiting && left > 0) return { later: Math.ceil(left) }
  const enough = closing.used.length >= quorumOf(round.replicas.length, rounds.quorum)
  if (enough) {
    for (const { replica, reason, detail } of closing.rejected)
      yield* Effect.logWarning(`round ${round.round}: the delta of replica ${replica} is rejected (${reason}): ${detail}`)
    if ((yield* putRecord(key, closing)) === "created") return closing
    return (yield* readRecord(key, Closing)) ?? closing
  }
  if (attempt < rounds.reissues) {
    const again: Reissue = { replicas: [...closing.missing], openedMillis: yield* Clock.currentTimeMillis }
    yield* putRecord(keys.reissued(name, round.round, attempt + 1), again)
    yield* sendJobs(config.urls, origin, replicaJobs(round, attempt + 1, closing.missing))
    yield* Effect.logWarning(
      `round ${round.round}: replicas ${closing.missing.join(", ")} are issued again (${attempt + 1} of ${rounds.reissues})`
    )
    return { later: rounds.deadlineSeconds }
  }
  const reasons = closing.rejected.map(({ replica, reason }) => `replica ${replica} ${reason}`).join(", ")
  return yield* new JobRefused({
    reason: "below-quorum",
    detail: `round ${round.round} has ${closing.used.length} of ${round.replicas.length} deltas after ${attempt} more tries${reasons === "" ? "" : ` (${reasons})`}`
  })
})
