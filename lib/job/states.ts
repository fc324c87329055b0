import { Effect } from "effect"
import { BlobStore } from "../store/blob/blob-store.ts"
import { keys } from "./keys.ts"

/** Mark of a job in the store. */
export interface JobMark {
  readonly kind: string
  /** The job's output key. */
  readonly job: string
  /** Time of its creation, in milliseconds since 1970, by the store's clock. */
  readonly modified: number
}

/** Outcomes of a submission's jobs. */
export interface JobStates {
  /** Committed jobs, by kind. */
  readonly done: ReadonlyMap<string, readonly JobMark[]>
  readonly failed: readonly (JobMark & { readonly reason: string; readonly key: string })[]
  readonly dead: readonly (JobMark & { readonly reason: string; readonly key: string })[]
  /** Number of listing pages requested. */
  readonly pages: number
}

const mark = /^((prepare|embed|evaluate|train|merge)-[0-9a-f]{64})\.(?:(done)|failed\.\d+-([a-z0-9-]+)|dead\.([a-z0-9-]+))$/

/** Reads the states of a submission's jobs from the names of its marks: one page of listing per thousand. */
export const jobStates = Effect.fn("job.jobStates")(function* (submission: string) {
  const store = yield* BlobStore
  const prefix = keys.states(submission)
  const done = new Map<string, JobMark[]>()
  const failed: JobStates["failed"][number][] = []
  const dead: JobStates["dead"][number][] = []
  let after: string | undefined
  let pages = 0
  do {
    const page = yield* store.list(prefix, after === undefined ? {} : { after })
    pages++
    for (const { key, modified } of page.blobs) {
      const found = mark.exec(key.slice(prefix.length))
      if (!found) continue
      const [, job = "", kind = "", isDone, failure, death] = found
      const own = { kind, job, modified }
      if (isDone) {
        const others = done.get(kind)
        if (others) others.push(own)
        else done.set(kind, [own])
      } else if (failure !== undefined) failed.push({ ...own, reason: failure, key })
      else dead.push({ ...own, reason: death ?? "", key })
    }
    after = page.next
  } while (after !== undefined)
  return { done, failed, dead, pages } satisfies JobStates
})
