import { Effect } from "effect"
import type { Engine, EngineOptions } from "../engine/engine.ts"
import { WeightsError } from "../error/weights-error.ts"
import { type FrozenWeights, frozenContents, noFrozen } from "./frozen-contents.ts"
import type { Layout } from "./layout.ts"

/** Parameters of a model, the trained ones in the flat buffers that programs read. */
export interface ModelWeights {
  readonly student: Float32Array
  /** Absent where only the student was kept, which then also serves as the teacher. */
  readonly teacher?: Float32Array
  readonly frozen?: FrozenWeights
}

/** Returns the contents of each set's buffer, by its name. Throws a `WeightsError` for a frozen set that does not fit. */
export const setContents = (layout: Layout, { student, teacher, frozen = noFrozen }: ModelWeights) => {
  const fixed = frozenContents(layout, frozen) as ReadonlyMap<string, Float32Array> // as frozenContents makes them
  return new Map(
    layout.sets.map(({ role, buffer, length }): [string, Float32Array] => {
      if (role === "optimised") return [buffer, student]
      return [buffer, role === "averaged" ? (teacher ?? student.slice(0, length)) : fixed.get(buffer)!]
    })
  )
}

/**
 * Opens an engine with only a model's parameters, for evaluation, embedding and reports; closed with the scope. Fails with a
 * `WeightsError` for a frozen set that does not fit, or an `EngineError`.
 */
export const openModelSession = Effect.fn("evaluate.openModelSession")(function* (
  engine: Engine,
  layout: Layout,
  weights: ModelWeights,
  options: EngineOptions
) {
  const contents = yield* Effect.try({
    try: () => setContents(layout, weights),
    catch: (error) => (error instanceof WeightsError ? error : new WeightsError({ file: "model", reason: String(error) }))
  })
  const buffers = Object.fromEntries(layout.sets.map(({ buffer, length }) => [buffer, { dtype: "float32", length } as const]))
  const session = yield* engine.open(buffers, options)
  for (const [buffer, numbers] of contents) yield* session.write(buffer, 0, numbers)
  return session
})
