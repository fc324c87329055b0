import { queueLaws } from "../laws/queue.ts"
import { memoryQueue } from "./memory-queue.ts"

queueLaws("in memory", memoryQueue)
