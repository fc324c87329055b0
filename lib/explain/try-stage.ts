import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect } from "effect"
import type { Stage } from "../pipeline/stage.ts"
import type { Key } from "../random/key.ts"
import type { Recorded } from "./recorded.ts"
import { type RunStageOptions, runStage, type StageOutcome } from "./run-stage.ts"

/**
 * Runs `runStage` as a promise, for tests: one stage alone on a recorded input; returns its outputs and their digest. Rejects
 * with a one-line error.
 */
export const tryStage = (stage: Stage, input: Recorded, key: Key | null, options: RunStageOptions = {}): Promise<StageOutcome> =>
  Effect.runPromise(runStage(stage, input, key, options).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
