import { serveBatches } from "../../lib/data/batch-worker.ts"
import { toyTables } from "./pipeline.ts"

serveBatches(toyTables)
