import { Effect } from "effect"
import { cancelSubmission } from "../job/cancel.ts"
import { fetchRun } from "../job/fetch-run.ts"
import { JobFailed } from "../job/job-error.ts"
import { type Status, statusOf } from "../job/status.ts"
import type { Submission } from "../job/submission.ts"
import { beginProgress } from "../log/progress.ts"
import type { CliTables } from "./tables.ts"

/** Options of waiting. */
export interface Waiting<E> {
  readonly everySeconds: number
  /** Fails when there is nothing left to wait for, e.g. no worker. */
  readonly until: Effect.Effect<never, E>
}

const counts = ({ kinds }: Status) => ({
  done: kinds.reduce((sum, { done }) => sum + done, 0),
  total: kinds.reduce((sum, { total }) => sum + (total ?? 0), 0)
})

const round = ({ kinds, submission }: Status): string => {
  const merged = kinds.find(({ kind }) => kind === "merge")?.done ?? 0
  const shards = kinds.find(({ kind }) => kind === "prepare")
  if (shards && shards.done < (shards.total ?? 0)) return `${submission.name} prepare`
  return `${submission.name} round ${Math.max(0, merged - (submission.prepare === null ? 0 : 1))}`
}

/**
 * Waits until a submission is finished, reporting its progress, and fetches its result into a run's folder. Fails with the
 * message of `status` where the submission failed, was cancelled or exceeded its time limit.
 */
export const waitForResult = <E>(submission: Submission, out: string, tables: CliTables, { everySeconds, until }: Waiting<E>) =>
  Effect.gen(function* () {
    const { name, limits } = submission
    const watch = Effect.scoped(
      Effect.gen(function* () {
        const progress = yield* beginProgress()
        while (true) {
          const status = yield* statusOf(name)
          yield* progress.update({ label: round(status), ...counts(status), from: 0, figures: {}, unit: "job" })
          if (status.state === "finished") return
          const reasons = status.reasons.map(({ reason, count, example }) => `${count} × ${reason}: ${example}`).join("; ")
          if (status.state !== "running")
            return yield* new JobFailed({
              reason: `${name} ${status.state}`,
              detail: status.why ?? (reasons === "" ? "by request" : reasons)
            })
          if (limits.maxHours !== null && status.seconds > limits.maxHours * 3600) yield* cancelSubmission(name)
          yield* Effect.sleep(`${everySeconds} seconds`)
        }
      })
    )
    yield* Effect.raceFirst(watch, until)
    return yield* fetchRun(submission, out, tables)
  })
