import { Effect } from "effect"
import type { Engine, NamedNumbers } from "../../../lib/engine/engine.ts"
import { fieldsProgram } from "../../../lib/model/fields-program.ts"
import type { Layout } from "../../../lib/model/layout.ts"
import { openModelSession } from "../../../lib/model/model-session.ts"
import type { Pipeline } from "../../../lib/pipeline/pipeline.ts"

/** The text encoder's states [batch, tokens, width] for ids and masks, flat, with a model's parameters on an engine. */
export const textStates = Effect.fn(function* (
  engine: Engine,
  { pipeline, layout, student }: { readonly pipeline: Pipeline; readonly layout: Layout; readonly student: Float32Array },
  feeds: NamedNumbers
) {
  const batch = feeds["tokens"]!.length / pipeline.sizes["tokens"]!
  const session = yield* openModelSession(engine, layout, { student }, { threads: 1 })
  const executable = yield* session.compile("text", fieldsProgram(pipeline, layout, batch, "student", ["textStates"]))
  const { textStates: states } = yield* executable.run(feeds)
  return states as Float32Array
}, Effect.scoped)
