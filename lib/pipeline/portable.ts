import { type Pipeline, type PipelineData, toData } from "./pipeline.ts"
import type { Json, Stage } from "./stage.ts"

/** Optional member of a host stage that reads files, so that a model can be taken elsewhere with them (`Instantiated.files`). */
export interface PortableHooks {
  /** Its settings where its files are in a folder ("" for the one that paths are relative to). */
  readonly settingsIn?: (folder: string) => Json
}

const hooks = (stage: Stage & PortableHooks): PortableHooks => stage

/** A pipeline as data whose stages read their files from a folder. */
export const dataIn = (pipeline: Pipeline, folder: string): PipelineData => {
  const data = toData(pipeline)
  const stages = data.stages.map((record, i) => {
    const { settingsIn } = hooks(pipeline.stages[i]!)
    return settingsIn ? { ...record, settings: settingsIn(folder) } : record
  })
  return { ...data, stages }
}
