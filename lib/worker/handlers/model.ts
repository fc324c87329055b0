import { Effect } from "effect"
import { hostContextOf } from "../../data/host/host-context.ts"
import { openPipeline } from "../../data/host/open-pipeline.ts"
import { cachesIn } from "../../data/host/prepared-cache.ts"
import { parameterLayout } from "../../model/layout.ts"
import { openModelSession } from "../../model/model-session.ts"
import type { JobContext } from "../handler.ts"
import { readCheckpoint, readShared } from "./checkpoint.ts"
import { sharedCompiled } from "./compiled.ts"
import type { HandlerConfig } from "./config.ts"
import { readFrozenContents } from "./frozen.ts"
import { tablesFor } from "./sources.ts"

/** Opens a checkpoint's model for evaluation or embedding, as the command line does; closed with the scope. */
export const openCheckpointModel = Effect.fn("worker.openCheckpointModel")(function* (
  digest: string,
  context: JobContext,
  config: HandlerConfig
) {
  const { submission } = context
  const tables = yield* tablesFor(submission, config, true)
  const layout = parameterLayout(context.pipeline)
  const checkpoint = yield* readCheckpoint(submission.name, digest)
  const { student, teacher } = yield* readShared(submission.name, checkpoint, layout)
  const frozen = yield* readFrozenContents(submission.name, context.pipeline)
  const weights = { student, ...(teacher ? { teacher } : {}), frozen }
  const engine = yield* config.engine
  const keepCompiled = yield* sharedCompiled(submission.name, engine)
  const hostContext = hostContextOf(context.pipeline.source, tables.openSource, cachesIn(config.cache))
  const { pipeline, stages: host } = yield* openPipeline(context.pipeline, hostContext)
  const session = yield* openModelSession(engine, layout, weights, { threads: config.threads })
  return { pipeline, layout, session, engine, host, step: checkpoint.step, tables, keepCompiled }
})
