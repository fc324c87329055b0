import { Effect } from "effect"
import type { DataError } from "../data/data-error.ts"
import type { StoreError } from "../store/store-error.ts"
import { type Files, hostStagesOf, type Surroundings } from "./opened.ts"
import { type Pipeline, type PipelineData, toData } from "./pipeline.ts"
import type { Json, Stage } from "./stage.ts"

/** What a host stage that reads files may have, so that a model can be taken elsewhere with them. */
export interface PortableExtras {
  /** The files it reads or builds, by the names they have in a model's folder. */
  readonly files?: (surroundings: Surroundings) => Effect.Effect<ReadonlyMap<string, Uint8Array>, DataError | StoreError, Files>
  /** Its settings where those files are in a folder ("" for the one that paths are relative to). */
  readonly settingsIn?: (folder: string) => Json
}

const extras = (stage: Stage & PortableExtras): PortableExtras => stage

/** The files that a pipeline's host stages need, by name. */
export const portableFiles = Effect.fn("pipeline.portableFiles")(function* (pipeline: Pipeline, surroundings: Surroundings) {
  const all = new Map<string, Uint8Array>()
  for (const stage of hostStagesOf(pipeline.stages)) {
    const { files } = extras(stage)
    if (files) for (const [name, bytes] of yield* files(surroundings)) all.set(name, bytes)
  }
  return all as ReadonlyMap<string, Uint8Array>
})

/** A pipeline as data whose stages read their files from a folder. */
export const dataIn = (pipeline: Pipeline, folder: string): PipelineData => {
  const data = toData(pipeline)
  const stages = data.stages.map((record, i) => {
    const { settingsIn } = extras(pipeline.stages[i]!)
    return settingsIn ? { ...record, settings: settingsIn(folder) } : record
  })
  return { ...data, stages }
}
