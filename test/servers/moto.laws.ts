import { inject } from "vitest"
import { sqsQueue } from "../../lib/queue/sqs.ts"
import { queueLaws } from "../laws/queue.ts"

queueLaws("moto", sqsQueue({ endpoint: inject("moto"), local: true }), { staleExtension: "accepted" })
