import { join } from "node:path"
import { type Pipeline, type PipelineData, type StageRecord, toData, withStageRecords } from "./pipeline.ts"
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

/** The file of a frozen set in an exported model's folder. */
export const frozenFileName = (set: string): string => `frozen-${set}.safetensors`

const frozenIn =
  (folder: string) =>
  (record: StageRecord): StageRecord => {
    const { weights } = record
    if (typeof weights !== "object") return record
    return { ...record, weights: { ...weights, from: join(folder, frozenFileName(weights.frozen)) } }
  }

/** A pipeline as data of which everything that its stages read is in a folder, frozen sets too: an exported model's. */
export const exportedIn = (pipeline: Pipeline, folder: string): PipelineData =>
  withStageRecords(dataIn(pipeline, folder), frozenIn(folder))
