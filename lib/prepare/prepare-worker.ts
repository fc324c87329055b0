import { Effect } from "effect"
import type { BadSample } from "../data/bad-samples.ts"
import type { DataTables } from "../data/host/host-stages.ts"
import { allowingUrls } from "../data/url/policy.ts"
import { serveJob } from "../thread/serve-job.ts"
import { openPrepareJob, type PrepareJob, type PrepareNews, type PrepareTask } from "./prepare-job.ts"

/** Number of samples between two messages of progress. */
const toldAtOnce = 20

/**
 * The main function of a worker thread that runs the tasks of the job in its `workerData`; its messages report completed samples.
 */
export const servePrepare = (tables: DataTables): void =>
  serveJob((job: PrepareJob) => {
    const allowing = allowingUrls(job.allowUrls === true)
    return Effect.map(
      allowing(openPrepareJob(job, tables)),
      ({ run }) =>
        (task: PrepareTask, tell: (news: PrepareNews) => void) => {
          let untold = 0
          let failed: BadSample[] = []
          const tellOf = (least: number) => {
            if (untold < least) return
            tell({ samples: untold, failed })
            untold = 0
            failed = []
          }
          const done = run(task, (samples, bad = []) => {
            untold += samples
            failed.push(...bad)
            tellOf(toldAtOnce)
          })
          return allowing(
            Effect.andThen(
              done,
              Effect.sync(() => tellOf(1))
            )
          )
        }
    )
  })
