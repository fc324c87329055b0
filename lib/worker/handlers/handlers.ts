import { Effect } from "effect"
import { keys } from "../../job/keys.ts"
import { putRecord } from "../../job/records.ts"
import type { JobContext, JobHandlers } from "../handler.ts"
import type { HandlerConfig } from "./config.ts"
import { embedHandler } from "./embed.ts"
import { evaluateHandler } from "./evaluate.ts"
import { latest } from "./latest.ts"
import { afterRound, mergeRound } from "./merge-round.ts"
import { afterShards, mergeShards } from "./merge-shards.ts"
import { prepareHandler } from "./prepare.ts"
import { type KeptTrainer, trainHandler } from "./train.ts"

/** Fails the submission where a job that all others wait for was given up. */
const failsAll = (_: unknown, { submission }: JobContext, reason: string) =>
  Effect.asVoid(putRecord(keys.failedWhole(submission.name), { reason: reason.slice(0, 500) }))

/** Returns a worker's handlers of all kinds of jobs. Resources kept open between jobs are closed with the scope. */
export const jobHandlers = Effect.fn("worker.jobHandlers")(function* (config: HandlerConfig) {
  const machine = yield* latest<KeptTrainer>()
  const handlers: JobHandlers = {
    prepare: prepareHandler(config),
    embed: embedHandler(config, machine),
    evaluate: { ...evaluateHandler(config, machine), givenUp: failsAll },
    train: trainHandler(config, machine),
    merge: {
      limitSeconds: 3600,
      run: (job, context) => (job.of === "shards" ? mergeShards(context, config) : mergeRound(job.round, context, config)),
      followUp: (job, context, output) =>
        job.of === "shards" ? afterShards(context, config) : afterRound(job.round, context, output, config),
      givenUp: failsAll
    }
  }
  return handlers
})
