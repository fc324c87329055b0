import { join } from "node:path"
import { type Pipeline, type PipelineData, type StageRecord, toData, withStageRecords } from "./pipeline.ts"
import { mapParts } from "./source-part.ts"
import type { Json, Stage } from "./stage.ts"

/** Optional member of a host stage that reads files, so that a model can be moved together with them (`Instantiated.files`). */
export interface PortableHooks {
  /** Returns its settings for files in a folder ("" for the folder that paths are relative to). */
  readonly settingsIn?: (folder: string) => Json
}

const hooks = (stage: Stage & PortableHooks): PortableHooks => stage

/** Returns a pipeline as data whose stages read their files from a folder. */
export const dataIn = (pipeline: Pipeline, folder: string): PipelineData => {
  const data = toData(pipeline)
  const there = (records: readonly StageRecord[], stages: readonly Stage[]): readonly StageRecord[] =>
    records.map((record, i) => {
      const { settingsIn } = hooks(stages[i]!)
      return settingsIn ? { ...record, settings: settingsIn(folder) } : record
    })
  const parts = data.parts && {
    parts: mapParts(pipeline.parts!, ({ stages }, name) => ({
      ...data.parts![name]!,
      stages: there(data.parts![name]!.stages, stages)
    }))
  }
  return { ...data, ...parts, stages: there(data.stages, pipeline.stages) }
}

/** Returns the file name of a frozen set in an exported model's folder. */
export const frozenFileName = (set: string): string => `frozen-${set}.safetensors`

const frozenIn =
  (folder: string) =>
  (record: StageRecord): StageRecord => {
    const { weights } = record
    if (typeof weights !== "object") return record
    return { ...record, weights: { ...weights, from: join(folder, frozenFileName(weights.frozen)) } }
  }

/** Returns the pipeline as data of an exported model, whose stages and frozen sets are read from its folder. */
export const exportedIn = (pipeline: Pipeline, folder: string): PipelineData =>
  withStageRecords(dataIn(pipeline, folder), frozenIn(folder))
