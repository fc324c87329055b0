import { Effect } from "effect"
import type { Engine, EngineOptions } from "../engine/engine.ts"
import type { Layout } from "./layout.ts"

/** The parameters of a model in the flat buffers that programs read; `teacher` is absent where only the student was kept. */
export interface ModelBuffers {
  readonly student: Float32Array
  readonly teacher?: Float32Array
}

/** Opens an engine with nothing but a model's parameters, for evaluation, embedding and reports; closed with the scope. */
export const openModelSession = Effect.fn("evaluate.openModelSession")(function* (
  engine: Engine,
  layout: Layout,
  { student, teacher }: ModelBuffers,
  options: EngineOptions
) {
  const buffers = {
    student: { dtype: "float32", length: layout.length },
    teacher: { dtype: "float32", length: layout.teacherLength }
  } as const
  const session = yield* engine.open(buffers, options)
  yield* session.write("student", 0, student)
  yield* session.write("teacher", 0, teacher ?? student.slice(0, layout.teacherLength))
  return session
})
