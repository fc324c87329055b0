import { Clock, Effect } from "effect"
import { keys } from "../job/keys.ts"
import { putRecord } from "../job/records.ts"
import { sha256 } from "../store/digest.ts"
import { failureRecord, reasonOf } from "./failure.ts"
import type { Fault } from "./handler.ts"

const hour = 3_600_000

/** Faults that are no job's, and that waiting alone does not mend. */
const lasting = new Set(["BlobRefused", "StoreUnconditional", "QueueRefused", "QueueMissing"])

/**
 * Records what a worker met that is no job's fault and does not pass by itself (denied access, a queue that is gone), so that `status`
 * can tell: once an hour for each worker and kind. Where the store is what is denied it may not take the record either; then the log
 * alone has it.
 */
export const recordIncident = Effect.fn("worker.recordIncident")(function* (fault: Fault, worker: string) {
  if (!lasting.has(fault._tag)) return
  const now = yield* Clock.currentTimeMillis
  const id = sha256(`${worker} ${Math.floor(now / hour)}`).slice(0, 16)
  yield* Effect.ignore(putRecord(keys.incident(`${reasonOf(fault)}-${id}`), yield* failureRecord(fault, worker)))
})
