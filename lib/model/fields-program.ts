import { deadCode } from "../compiler/passes/dead-code.ts"
import type { Program } from "../compiler/program.ts"
import { trace } from "../compiler/trace.ts"
import { WiringError } from "../pipeline/errors.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { Stage } from "../pipeline/stage.ts"
import type { Stages } from "../pipeline/task.ts"
import { batchSizes, tensorStagesOf } from "../pipeline/tensor-stages.ts"
import type { TrainedSet } from "../pipeline/weight-set.ts"
import type { Fields } from "../tensor/field.ts"
import { forward } from "./forward.ts"
import { type Layout, setOf } from "./layout.ts"
import { programInputs } from "./program-inputs.ts"
import { teacherFault } from "./teacher-fault.ts"
import { frozenInputs, lookup, setInputs } from "./windows.ts"

/** Returns the stages that some fields depend on, in order. */
export const stagesFor = (stages: readonly Stage[], fields: readonly string[]): readonly Stage[] => {
  const wanted = new Set(fields)
  const needed: Stage[] = []
  for (const stage of stages.toReversed()) {
    if (!Object.keys(stage.adds).some((name) => wanted.has(name))) continue
    needed.unshift(stage)
    for (const name of Object.keys(stage.reads)) wanted.add(name)
  }
  return needed
}

/** Returns the pipeline of a task's own stages, which starts from their given fields. */
export const chainPipeline = (pipeline: Pipeline, { start, stages }: Stages): Pipeline => ({
  ...pipeline,
  stages,
  fields: Object.assign({}, start, ...stages.map((stage) => stage.adds)) as Fields
})

/**
 * Traces the results of a pipeline's stages for a batch, without losses and without gradient: outputs are the requested fields by
 * name; inputs are the host's fields (and noise) that they depend on, and windows of parameters: those of `set`, where parameters
 * without a teacher copy are the student's, and those of the teacher and of frozen sets for the stages that run with them.
 * Nothing is updated.
 *
 * Throws a `TraceError`, or a `WiringError` for a field that no tensor stage adds, and for a teacher that the pipeline does not
 * have.
 */
export const fieldsProgram = (
  pipeline: Pipeline,
  layout: Layout,
  batch: number,
  set: TrainedSet,
  wanted: readonly string[]
): Program => {
  const lacking = set === "teacher" ? teacherFault("it", layout) : undefined
  if (lacking !== undefined) throw new WiringError({ pipeline: pipeline.name, problem: lacking })
  const needed = { ...pipeline, stages: stagesFor(pipeline.stages, wanted) }
  const program = trace((t) => {
    const sizes = batchSizes(pipeline, batch)
    const inputs = programInputs(t, pipeline, sizes, tensorStagesOf(needed))
    const student = setInputs(t, setOf(layout, "student"))
    const teacher = setInputs(t, setOf(layout, "teacher"))
    const { fields } = forward(tensorStagesOf(needed), {
      ...inputs,
      parameters: lookup(set, set === "student" ? student : new Map([...student, ...teacher])),
      teacher: lookup("teacher", teacher),
      frozen: frozenInputs(t, layout),
      sizes
    })
    const outputs = wanted.map((name) => {
      const tensor = Object.hasOwn(inputs.fields, name) ? undefined : fields[name]
      if (!tensor) throw new WiringError({ pipeline: pipeline.name, problem: `no tensor stage adds '${name}'` })
      return [name, tensor] as const
    })
    return { outputs: Object.fromEntries(outputs) }
  })
  return deadCode(program)
}
