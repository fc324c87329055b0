import { inject } from "vitest"
import { sqsQueue } from "../../lib/queue/sqs.ts"
import { queueLaws } from "../laws/queue.ts"

queueLaws("ElasticMQ", sqsQueue({ endpoint: inject("elasticmq"), local: true }), { retention: "fixed" })
