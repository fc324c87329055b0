import type { Pipeline } from "../pipeline/pipeline.ts"
import { sizesOf, tensorStagesOf } from "../pipeline/tensor-stages.ts"
import { derive, type Key, key } from "../random/key.ts"
import type { Layout } from "./layout.ts"

/** Contents of state buffers, by name. */
export type BufferContents = ReadonlyMap<string, Float32Array | Int32Array>

/**
 * Returns the state before the first step: every parameter initialised from its own key, the teacher a copy of the student,
 * moments zero, queues and centres as their stages declare; without frozen sets, which are read from files (`frozenContents`).
 * `given` replaces parameters by name (pre-trained ones), `givenTeacher` those of the teacher.
 */
export const initialState = (
  pipeline: Pipeline,
  layout: Layout,
  seed: number,
  given: ReadonlyMap<string, Float32Array> = new Map(),
  givenTeacher: ReadonlyMap<string, Float32Array> = new Map()
): BufferContents => {
  const root: Key = derive(key(seed), "initial")
  const student = new Float32Array(layout.length)
  for (const slot of layout.slots)
    student.set(given.get(slot.name) ?? slot.init(derive(root, slot.name), slot.shape), slot.offset)
  const contents = new Map<string, Float32Array | Int32Array>([
    ["student", student],
    ...layout.sets.flatMap((set) => (set.role === "averaged" ? [[set.buffer, student.slice(0, set.length)] as const] : [])),
    ["adam.m", new Float32Array(layout.length)],
    ["adam.v", new Float32Array(layout.length)]
  ])
  for (const set of layout.sets.filter(({ role }) => role === "averaged"))
    for (const { name, offset } of set.slots) contents.get(set.buffer)!.set(givenTeacher.get(name) ?? [], offset)
  for (const stage of tensorStagesOf(pipeline))
    for (const [name, spec] of Object.entries(stage.state(sizesOf(stage, pipeline.sizes)))) {
      const buffer = `${stage.as}.${name}`
      contents.set(buffer, spec.init(derive(root, buffer), spec.shape))
      contents.set(`${buffer}.pointer`, new Int32Array(1))
    }
  return contents
}
