import { serveThread } from "../lib/prepare/serve-thread.ts"
import { dataTables } from "./stages.ts"

// Entry point of a thread that makes batches (lib/data/batches.ts) or shards (lib/prepare/prepare.ts).
await serveThread(dataTables)
