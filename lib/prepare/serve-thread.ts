import { workerData } from "node:worker_threads"
import type { DataTables } from "../data/host/host-stages.ts"

/**
 * The whole of a worker thread, for whichever job it was given: the file that a worker starts with calls this with the tables. What
 * the other kind of job needs is not loaded.
 */
export const serveThread = async (tables: DataTables): Promise<void> =>
  (workerData as { readonly kind?: string } | null)?.kind === "prepare"
    ? (await import("./prepare-worker.ts")).servePrepare(tables)
    : (await import("../data/batch-worker.ts")).serveBatches(tables)
