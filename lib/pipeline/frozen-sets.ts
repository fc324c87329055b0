import { Option, Schema } from "effect"
import { WiringError } from "./errors.ts"
import type { Pipeline } from "./pipeline.ts"
import { PipelineFile } from "./pipeline-data.ts"
import type { Stage, TensorStage } from "./stage.ts"
import { taskStages, withStages } from "./task.ts"
import type { FrozenSet } from "./weight-set.ts"
import { reweighed } from "./with-weights.ts"

/** Frozen sets by name. */
export type FrozenSets = ReadonlyMap<string, FrozenSet>

const tensorStages = (pipeline: Pick<Pipeline, "stages" | "tasks">): readonly TensorStage[] =>
  [...pipeline.stages, ...taskStages(pipeline)].filter((stage) => stage.kind === "tensor")

/** Returns the frozen sets of a pipeline, sorted by name. Throws a `WiringError` for a set with two sources. */
export const frozenSetsOf = (pipeline: Pick<Pipeline, "name" | "stages" | "tasks">): FrozenSets => {
  const found = new Map<string, { readonly set: FrozenSet; readonly by: string }>()
  for (const { as, weights } of tensorStages(pipeline)) {
    if (typeof weights === "string") continue
    const other = found.get(weights.frozen)
    if (other && (other.set.from !== weights.from || other.set.digest !== weights.digest))
      throw new WiringError({
        pipeline: pipeline.name,
        problem: `${as} has the frozen set '${weights.frozen}' from ${weights.from}, but ${other.by} has it from ${other.set.from}`
      })
    found.set(weights.frozen, { set: weights, by: as })
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { set }]) => [name, set]))
}

/** Returns a pipeline whose frozen sets have the sources and digests given by `sets`. */
export const withFrozenSets = (pipeline: Pipeline, sets: FrozenSets): Pipeline => {
  const placed = (stage: Stage): Stage => {
    const set = stage.kind === "tensor" && typeof stage.weights === "object" ? sets.get(stage.weights.frozen) : undefined
    return stage.kind === "tensor" && set ? reweighed(stage, set) : stage
  }
  return withStages(pipeline, placed)
}

/** Returns the digests of the frozen sets of a pipeline as data, by name; none for data that is not a pipeline. */
export const recordedDigests = (data: unknown): ReadonlyMap<string, string> => {
  const file = Option.getOrUndefined(Schema.decodeUnknownOption(PipelineFile)(data))
  const records = file ? [...file.stages, ...file.tasks.flatMap(({ chain }) => chain?.stages ?? [])] : []
  return new Map(
    records.flatMap(({ weights }) =>
      typeof weights === "object" && weights.digest !== null ? [[weights.frozen, weights.digest] as const] : []
    )
  )
}
