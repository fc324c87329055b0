import { serveThread } from "../../../../lib/prepare/serve-thread.ts"
import { drawnTables } from "./tables.ts"

await serveThread(drawnTables)
