import { Effect } from "effect"
import { serveJob } from "../thread/serve-job.ts"
import type { Batch } from "./batch.ts"
import { type BatchJob, openBatchJob } from "./batch-job.ts"
import type { DataTables } from "./host/host-stages.ts"

const buffers = (batch: Batch): ArrayBuffer[] => Object.values(batch.feeds).map((numbers) => numbers.buffer as ArrayBuffer)

/**
 * The main function of a worker thread that makes batches of the job in its `workerData`: the module that a worker runs calls
 * this with the tables of stages and sources. Tasks are indices of batches; a batch's arrays are transferred, not copied.
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
