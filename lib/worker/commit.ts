import { Effect } from "effect"
import { JobFailed } from "../job/job-error.ts"
import { keys } from "../job/keys.ts"
import { type FileRecord, OutputRecord, putContent, putRecord, readRecord } from "../job/records.ts"

/** A job's output before it is committed. */
export interface Uncommitted {
  readonly files: { readonly [name: string]: Uint8Array | FileRecord }
  readonly result: OutputRecord["result"]
  readonly seconds: number
}

/**
 * Commits a job's output: its contents by their digests, then the record that names them, by one conditional put. The first
 * record wins; returns the winning record, and true where it is this one.
 */
export const commit = Effect.fn("worker.commit")(function* (
  submission: string,
  job: string,
  { files, result, seconds }: Uncommitted,
  by: { readonly worker: string; readonly processor: string; readonly semmim: string }
) {
  const kept = yield* Effect.forEach(
    Object.entries(files),
    ([name, file]) =>
      Effect.map(
        file instanceof Uint8Array ? putContent(submission, file) : Effect.succeed(file),
        (record) => [name, record] as const
      ),
    { concurrency: 4 }
  )
  const record: OutputRecord = { files: Object.fromEntries(kept), result, seconds, ...by }
  const key = keys.done(submission, job)
  if ((yield* putRecord(key, record)) === "created") return { output: record, first: true }
  const winner = yield* readRecord(key, OutputRecord)
  if (winner === undefined) return yield* new JobFailed({ reason: "vanished-output", detail: `${key} was there and is not` })
  return { output: winner, first: false }
})
