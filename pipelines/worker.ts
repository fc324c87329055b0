import { serveBatches } from "../lib/data/batch-worker.ts"
import { dataTables } from "./stages.ts"

// A thread that makes batches (lib/data/batches.ts).
serveBatches(dataTables)
