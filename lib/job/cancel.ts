import { Clock, Effect } from "effect"
import { BlobStore } from "../store/blob/blob-store.ts"
import { JobRefused } from "./job-error.ts"
import { keys } from "./keys.ts"
import { putRecord, readRecord } from "./records.ts"
import { Submission } from "./submission.ts"

/**
 * Cancels a submission: workers delete its messages on receipt, and start no more of its jobs; running jobs finish. Returns true
 * where it was not cancelled before. Errors: `JobRefused` for an unknown name.
 */
export const cancelSubmission = Effect.fn("job.cancelSubmission")(function* (name: string) {
  const store = yield* BlobStore
  if ((yield* readRecord(keys.submission(name), Submission)) === undefined)
    return yield* new JobRefused({ reason: "unknown-submission", detail: `${store.location} has no submission '${name}'` })
  const at = new Date(yield* Clock.currentTimeMillis).toISOString()
  return (yield* putRecord(keys.cancelled(name), { at })) === "created"
})
