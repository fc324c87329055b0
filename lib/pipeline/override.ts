import { UsageError } from "../error/usage-error.ts"
import { WiringError } from "./errors.ts"
import { stillExpected } from "./expected.ts"
import { loadPipeline, type Tables } from "./load.ts"
import { type Pipeline, type PipelineData, stageRecords, toData } from "./pipeline.ts"
import { forbiddenNames, PartSettings, PipelineFile } from "./pipeline-data.ts"
import { accepts, expectation, propertyNames, propertyOf, type Shape, takesAnyName } from "./setting-shape.ts"
import type { Json } from "./stage.ts"
import { TrainSettings } from "./training-settings.ts"
import { familyOf, prefixOf } from "./weight-set.ts"

/** Plain data being changed: a copy without other references. */
type Draft = { [name: string]: Draft | Json }

/** Settings that a path may lead into, and their shape. */
interface Target {
  readonly settings: Draft
  readonly shape: Shape
  readonly path: readonly string[]
  /** Family whose objects of the same name are changed together. */
  readonly family?: string
}

const isDraft = (value: unknown): value is Draft => typeof value === "object" && value !== null && !Array.isArray(value)

const parse = (text: string): Json => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

interface DraftRecord {
  readonly stage: string
  readonly as: string
  readonly settings: Draft
  /** Weight sets that share named objects: the trained sets, or one frozen set. */
  readonly family: string
}

const recordsOf = (data: PipelineData): readonly DraftRecord[] =>
  stageRecords(data).map(({ stage, as, weights = "student", settings }) => ({
    stage,
    as: prefixOf(weights) + as,
    family: familyOf(weights),
    settings: settings as unknown as Draft // a copy made for this purpose
  }))

/** Returns the present path of a setting that a task has renamed; undefined where it has not. */
const movedTo = (joined: string, tables: Tables): string | undefined => {
  for (const { name, formerly = {} } of Object.values(tables.tasks))
    for (const [before, now] of Object.entries(formerly))
      if (joined === before || joined === `training.${before}`) return `${name}.${now}`
  return undefined
}

/**
 * The settings that a path's first names stand for: the run's, the source's, a part's, a task's, or those of all stages of a name, the longest
 * that fits.
 */
const targetsOf = (data: PipelineData, path: readonly string[], tables: Tables): readonly Target[] => {
  const { stages } = tables
  const { parts = {} } = data
  const joined = path.join(".")
  const records = recordsOf(data)
  const tasks = data.tasks.map(({ task }) => task)
  const names = [...new Set([...records.map(({ as }) => as), ...tasks])]
  const name = names.filter((name) => joined.startsWith(`${name}.`)).sort((a, b) => b.length - a.length)[0]
  const target = (settings: unknown, shape: Shape, from: number): Target => ({
    settings: settings as Draft,
    shape,
    path: path.slice(from)
  })
  const task = data.tasks.find((each) => each.task === name)
  if (task) return [target(task.settings, tables.tasks[task.task]!.settings.ast, 1)]
  if (name !== undefined)
    return records
      .filter(({ as }) => as === name)
      .map(({ stage, settings, family }) => ({
        ...target(settings, stages[stage]!.settings.ast, name.split(".").length),
        family
      }))
  const part = Object.hasOwn(parts, path[0]!) ? parts[path[0]!] : undefined
  if (part && path.length > 1) return [target(part, PartSettings.ast, 1)]
  if (path[0] === "source" && path.length > 1) return [target(data.source, PipelineFile.fields.source.ast, 1)]
  if (path[0] === "training" && path.length > 1 && movedTo(joined, tables) === undefined)
    return [target(data.training, TrainSettings.ast, 1)]
  if (propertyNames(TrainSettings.ast, {}).includes(path[0]!) && movedTo(joined, tables) === undefined)
    return [target(data.training, TrainSettings.ast, 0)]
  const moved = movedTo(joined, tables)
  if (moved !== undefined) throw new UsageError({ problem: `--set ${joined}: this setting is ${moved} now` })
  const known = ["training", "source", ...Object.keys(parts), ...names].join(", ")
  throw new UsageError({
    problem: `--set ${joined}: '${path[0]}' is no training setting, no task and no stage; paths begin with ${known}`
  })
}

/**
 * Splits a path whose names may be keys with dots in them: where an object takes any names (`lossWeights`), the longest existing
 * key that the path continues with, or else the whole rest as a new key.
 */
const withKeys = (shape: Shape, value: Draft | Json | undefined, path: readonly string[]): readonly string[] => {
  const [name, ...rest] = path
  if (name === undefined) return path
  const inside = (key: string) => (isDraft(value) && Object.hasOwn(value, key) ? value[key] : undefined)
  if (!takesAnyName(shape, value as Json, name)) {
    const next = propertyOf(shape, value as Json, name)
    return next ? [name, ...withKeys(next, inside(name), rest)] : path
  }
  const lengths = path.map((_, i) => path.length - i)
  const length = lengths.find((n) => inside(path.slice(0, n).join(".")) !== undefined) ?? path.length
  const key = path.slice(0, length).join(".")
  return [key, ...withKeys(propertyOf(shape, value as Json, key)!, inside(key), path.slice(length))]
}

/** Follows a path; returns the shape at its end, and the innermost named object on the way. */
const follow = ({ settings, shape, path }: Target, fail: (known: string, at: string) => UsageError) => {
  let here: Shape = shape
  let value: Draft | Json | undefined = settings
  let shared: { readonly name: string; readonly path: readonly string[] } | undefined
  for (const [depth, name] of path.entries()) {
    const next = propertyOf(here, value as Json, name)
    if (!next) throw fail(propertyNames(here, value as Json).join(", "), name)
    if (isDraft(value) && typeof value["name"] === "string" && depth > 0)
      shared = { name: value["name"], path: path.slice(depth) }
    here = next
    value = isDraft(value) && Object.hasOwn(value, name) ? value[name] : undefined
  }
  return { shape: here, shared }
}

const put = (into: Draft, path: readonly string[], value: Json): void => {
  const [name, ...rest] = path
  if (rest.length === 0) into[name!] = value
  else {
    const part = into[name!]
    const inner: Draft = isDraft(part) ? part : {}
    into[name!] = inner
    put(inner, rest, value)
  }
}

/** Returns every object with a given name in a value. */
const objectsNamed = (value: unknown, name: string): readonly Draft[] => {
  if (Array.isArray(value)) return value.flatMap((each) => objectsNamed(each, name))
  if (!isDraft(value)) return []
  return [...(value["name"] === name ? [value] : []), ...Object.values(value).flatMap((each) => objectsNamed(each, name))]
}

const applyOne = (data: PipelineData, text: string, tables: Tables): void => {
  const equals = text.indexOf("=")
  const path = text.slice(0, Math.max(0, equals)).split(".")
  if (equals < 1 || path.includes("")) throw new UsageError({ problem: `--set ${text}: expected PATH=VALUE, e.g. batch=32` })
  const joined = path.join(".")
  const forbidden = path.find((name) => forbiddenNames.has(name))
  if (forbidden !== undefined)
    throw new UsageError({
      problem: `--set ${joined}: '${forbidden}' is not a name that a setting can have; explain --settings lists them`
    })
  const raw = text.slice(equals + 1)
  const parsed = parse(raw)
  const unknown = (known: string, at: string) =>
    new UsageError({
      problem: `--set ${joined}: there is no setting '${at}'; expected ${known === "" ? "no further name" : `one of ${known}`}`
    })
  for (const given of targetsOf(data, path, tables)) {
    const target = { ...given, path: withKeys(given.shape, given.settings, given.path) }
    const { shape, shared } = follow(target, unknown)
    const value = accepts(shape, parsed) ? parsed : accepts(shape, raw) ? raw : undefined
    if (value === undefined)
      throw new UsageError({ problem: `--set ${joined}: expected ${expectation(shape)}, got ${JSON.stringify(parsed)}` })
    put(target.settings, target.path, value)
    if (shared)
      for (const { settings, family } of recordsOf(data))
        for (const each of family !== target.family ? [] : objectsNamed(settings, shared.name)) put(each, shared.path, value)
  }
}

/**
 * A pipeline with some of its settings changed, each by `PATH=VALUE` (`--set`): `batch=2` or `training.batch=2` for the run,
 * `source.train=NAME`, `PART.batch=8` and `PART.source.train=NAME` for a part of the batch, `TASK.setting=value` for a task, and `STAGE.path.to.setting=value` for a stage by its `as` (`teacher.STAGE` for its
 * use with momentum, `NAME.STAGE` for one that is frozen).
 *
 * A value is parsed as JSON where possible, else taken as text. An object in settings that has a `name` (a model, a fusion, a
 * prototype head) is one object however many stages have a copy: a change inside it is made in every object of that name, so that
 * `encode.model.image.width=32` changes the teacher, the student and all other stages with the model; the objects of a frozen set
 * are separate. The changed data is loaded again with all checks.
 *
 * Throws a one-line `UsageError` that names the path and the expected value.
 */
export const overridden = (pipeline: Pipeline, sets: readonly string[], tables: Tables): Pipeline => {
  if (sets.length === 0) return pipeline
  const data: PipelineData = JSON.parse(JSON.stringify(toData(pipeline)))
  for (const text of sets) applyOne(data, text, tables)
  const { expected: before, ...changed } = data
  const expected = stillExpected(toData(pipeline), data)
  try {
    return loadPipeline(expected === undefined ? changed : { ...changed, expected }, tables)
  } catch (error) {
    if (!(error instanceof WiringError)) throw error
    throw new UsageError({ problem: `--set ${sets.map((text) => text.split("=")[0]).join(", ")}: ${error.problem}` })
  }
}
