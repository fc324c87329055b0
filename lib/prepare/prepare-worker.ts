import { Effect } from "effect"
import type { DataTables } from "../data/host-stages.ts"
import { serveJob } from "../data/serve-job.ts"
import { allowingUrls } from "../data/url/policy.ts"
import { openPrepareJob, type PrepareJob, type PrepareTask } from "./prepare-job.ts"

/** Samples between two messages of how many are done. */
const toldAtOnce = 20

/** The whole of a worker thread that does the tasks of the job in its `workerData`; its news are how many samples it did. */
export const servePrepare = (tables: DataTables): void =>
  serveJob((job: PrepareJob) => {
    const allowing = allowingUrls(job.allowUrls === true)
    return Effect.map(
      allowing(openPrepareJob(job, tables)),
      ({ run }) =>
        (task: PrepareTask, tell: (samples: number) => void) => {
          let untold = 0
          const tellOf = (least: number) => {
            if (untold < least) return
            tell(untold)
            untold = 0
          }
          const done = run(task, (samples) => {
            untold += samples
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
