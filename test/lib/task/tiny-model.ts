import { Effect } from "effect"
import { hostContextOf } from "../../../lib/data/host/host-context.ts"
import { noCaches } from "../../../lib/data/host/prepared-cache.ts"
import { openStages } from "../../../lib/data/host/ready-stage.ts"
import { openSource } from "../../../lib/data/open-source.ts"
import type { Source } from "../../../lib/data/source.ts"
import { onnx } from "../../../lib/engine/onnx/engine.ts"
import { initialState } from "../../../lib/model/initial.ts"
import { parameterLayout, setOf } from "../../../lib/model/layout.ts"
import { openModelSession } from "../../../lib/model/model-session.ts"
import { tinyPipeline } from "./tiny-pipeline.ts"

export const tinyLayout = parameterLayout(tinyPipeline)

/** How many samples there are. */
export const few = 7
const first = (source: Source): Source => ({ ...source, count: few })

/** Whose vocabulary is learned from those few captions. */
export const tinyHostContext = hostContextOf(
  "embedded:emoji",
  () => Effect.map(openSource("embedded:emoji-held-out"), first),
  noCaches
)

/** The tiny pipeline at random weights (the teacher's are others), on the first few held-out emoji, on the embedded engine. */
export const openTinyModel = Effect.gen(function* () {
  const source = first(yield* openSource("embedded:emoji-held-out"))
  const host = yield* openStages(tinyPipeline, tinyHostContext)
  const student = initialState(tinyPipeline, tinyLayout, 1).get("student") as Float32Array
  const other = initialState(tinyPipeline, tinyLayout, 2).get("student") as Float32Array
  const teacher = other.slice(0, setOf(tinyLayout, "teacher")!.length)
  const session = yield* openModelSession(onnx, tinyLayout, { student, teacher }, { threads: 1 })
  return { source, host, session, student, teacher }
})
