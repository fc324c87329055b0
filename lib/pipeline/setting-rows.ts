import { TrainSettings } from "../train/settings.ts"
import type { StageTable } from "./load.ts"
import type { PipelineData } from "./pipeline.ts"
import { type Described, defaultOf, describe, objectOf, propertyNames, propertyOf, type Shape } from "./setting-shape.ts"
import type { Json } from "./stage.ts"

/** A setting that `--set` takes. */
export interface SettingRow extends Described {
  readonly path: string
  /** The value when it is left out, or undefined where it must be given. */
  readonly default: Json | undefined
  readonly value: Json | undefined
}

const partOf = (value: Json | undefined, name: string): Json | undefined =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as { readonly [name: string]: Json })[name]
    : undefined

const rowsOf = (path: string, shape: Shape, value: Json | undefined): readonly SettingRow[] => {
  const isGroup = objectOf(shape, value) !== undefined && value !== null && value !== undefined && typeof value === "object"
  const names = isGroup ? propertyNames(shape, value) : []
  if (names.length === 0) return [{ path, ...describe(shape), default: defaultOf(shape), value }]
  return names.flatMap((name) =>
    rowsOf(path === "" ? name : `${path}.${name}`, propertyOf(shape, value, name)!, partOf(value, name))
  )
}

/**
 * Every setting of a pipeline with its type, default, range and value, by the path that `--set` takes; a stage that stands several
 * times under one name, with the settings that each of them has.
 */
export const settingRows = (data: PipelineData, stages: StageTable): readonly SettingRow[] => {
  const records = [...data.stages, ...data.score.stages].filter(({ stage }) => Object.hasOwn(stages, stage))
  const rows = [
    ...rowsOf("training", TrainSettings.ast, data.training as unknown as Json),
    ...records.flatMap(({ stage, as, settings }) => rowsOf(as, stages[stage]!.settings.ast, settings))
  ]
  return [...new Map(rows.toReversed().map((row) => [row.path, row])).values()].toReversed()
}
