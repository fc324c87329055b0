import { localQueue } from "../../../lib/queue/local.ts"
import { queueLaws } from "../../laws/queue.ts"

queueLaws("fauxqs", localQueue())
