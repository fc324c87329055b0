import { getHeapStatistics } from "node:v8"
import { Effect } from "effect"
import { serveJob } from "../../lib/thread/serve-job.ts"

// A thread whose answer to every task is the limit of its heap, in bytes.
serveJob(() => Effect.succeed(() => Effect.sync(() => getHeapStatistics().heap_size_limit)))
