import { join } from "node:path"
import { type Pipeline, type PipelineData, type StageRecord, toData, withStageRecords } from "./pipeline.ts"
import { mapParts } from "./source-part.ts"
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
