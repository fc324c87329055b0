import { Effect } from "effect"
import { serveJob } from "../thread/serve-job.ts"
import type { Batch } from "./batch.ts"
import { type BatchJob, openBatchJob } from "./batch-job.ts"
import type { DataTables } from "./host/host-stages.ts"

const buffers = (batch: Batch): ArrayBuffer[] => Object.values(batch.feeds).map((numbers) => numbers.buffer as ArrayBuffer)

/**
 * The whole of a worker thread that makes batches of the job in its `workerData`: the file that a worker starts with calls this
 * with the tables of stages and sources. Tasks are indices of batches; a batch's numbers are moved, not copied.
 */
export const serveBatches = (tables: DataTables): void =>
  serveJob(
    (job: BatchJob) =>
      Effect.map(
        openBatchJob(job, tables),
        ({ make }) =>
          (index: number) =>
            make(index)
      ),
    buffers
  )
