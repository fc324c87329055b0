import { workerData } from "node:worker_threads"
import type { DataTables } from "../data/host/host-stages.ts"

/**
 * The main function of a worker thread, for either kind of job: the module that a worker runs calls this with the tables. Modules
 * that only the other kind of job needs are not loaded.
 */
export const serveThread = async (tables: DataTables): Promise<void> =>
  (workerData as { readonly kind?: string } | null)?.kind === "prepare"
    ? (await import("./prepare-worker.ts")).servePrepare(tables)
    : (await import("../data/batch-worker.ts")).serveBatches(tables)
