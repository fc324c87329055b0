import { Clock, Effect } from "effect"
import { keys } from "../job/keys.ts"
import { putRecord } from "../job/records.ts"
import { sha256 } from "../store/digest.ts"
import { failureRecord, reasonOf } from "./failure.ts"
import type { Fault } from "./handler.ts"

const hour = 3_600_000

/** Errors that no job causes and that waiting alone does not resolve. */
const lasting = new Set(["BlobRefused", "StoreUnconditional", "QueueRefused", "QueueMissing"])

/**
 * Records an error that no job caused and that does not pass by itself (denied access, a missing queue), so that `status` can
 * show it: once an hour for each worker and kind. Where access to the store itself is denied, the record may fail too; then only
 * the log has it.
 */
export const recordIncident = Effect.fn("worker.recordIncident")(function* (fault: Fault, worker: string) {
  if (!lasting.has(fault._tag)) return
  const now = yield* Clock.currentTimeMillis
  const id = sha256(`${worker} ${Math.floor(now / hour)}`).slice(0, 16)
  yield* Effect.ignore(putRecord(keys.incident(`${reasonOf(fault)}-${id}`), yield* failureRecord(fault, worker)))
})
