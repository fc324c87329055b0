import type { Tables } from "./load.ts"
import { type PipelineData, stageRecords } from "./pipeline.ts"
import { PartSettings } from "./pipeline-data.ts"
import { type Described, defaultOf, describe, objectOf, propertyNames, propertyOf, type Shape } from "./setting-shape.ts"
import type { Json } from "./stage.ts"
import { TrainSettings } from "./training-settings.ts"
import { familyOf, prefixOf, type WeightSet } from "./weight-set.ts"

/** A setting that `--set` takes. */
export interface SettingRow extends Described {
  readonly path: string
  /** Default value, or undefined where the setting is required. */
  readonly default: Json | undefined
  readonly value: Json | undefined
}

const partOf = (value: Json | undefined, name: string): Json | undefined =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as { readonly [name: string]: Json })[name]
    : undefined

/** A setting, and its path in the innermost named object that contains it: one location, however many stages have a copy. */
interface FoundRow extends SettingRow {
  readonly shared: string | undefined
}

const trains = (record: { readonly weights?: WeightSet }): boolean => record.weights === undefined || record.weights === "student"

const isObject = (value: Json | undefined): value is { readonly [name: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const rowsOf = (path: string, shape: Shape, value: Json | undefined, shared: string | undefined): readonly FoundRow[] => {
  const names = isObject(value) && objectOf(shape, value) ? propertyNames(shape, value) : []
  if (names.length === 0) return [{ path, ...describe(shape), default: defaultOf(shape), value, shared }]
  const here = isObject(value) && typeof value["name"] === "string" ? value["name"] : shared
  return names.flatMap((name) =>
    rowsOf(`${path}.${name}`, propertyOf(shape, value, name)!, partOf(value, name), here && `${here}.${name}`)
  )
}

/**
 * Lists every setting of a pipeline with its type, default, range and value, by its `--set` path. Settings inside a named object
 * are listed once, for the first stage that has it, the student's first.
 */
export const settingRows = (data: PipelineData, { stages, tasks }: Tables): readonly SettingRow[] => {
  const records = stageRecords(data).filter(({ stage }) => Object.hasOwn(stages, stage))
  const ordered = [...records.filter(trains), ...records.filter((record) => !trains(record))]
  const rows = [
    ...rowsOf("training", TrainSettings.ast, data.training as unknown as Json, undefined),
    ...Object.entries(data.parts ?? {}).flatMap(([name, { source, batch }]) =>
      rowsOf(name, PartSettings.ast, { source: { train: source.train }, batch }, undefined)
    ),
    ...data.tasks.flatMap(({ task, settings }) => rowsOf(task, tasks[task]!.settings.ast, settings, undefined)),
    ...ordered.flatMap(({ stage, as, weights = "student", settings }) =>
      rowsOf(prefixOf(weights) + as, stages[stage]!.settings.ast, settings, undefined).map((row) =>
        row.shared === undefined ? row : { ...row, shared: `${familyOf(weights)}/${row.shared}` }
      )
    )
  ]
  const listed = new Set<string>()
  return rows.flatMap(({ shared, ...row }) => {
    if (shared !== undefined && listed.has(shared)) return []
    if (shared !== undefined) listed.add(shared)
    return [row]
  })
}
