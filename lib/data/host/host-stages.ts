import { Effect } from "effect"
import { WiringError } from "../../pipeline/errors.ts"
import { loadPipeline, type Tables } from "../../pipeline/load.ts"
import type { PipelineData } from "../../pipeline/pipeline.ts"
import { type SourceData, valuesOf } from "../../pipeline/samples.ts"
import type { Fields } from "../../tensor/field.ts"
import { type Source, typedSource } from "../source.ts"
import { type ReadListMap, ReadLists } from "../sources/read-lists.ts"
import { hostContextOf, type OpenSource, openFor } from "./host-context.ts"
import { openPipeline } from "./open-pipeline.ts"
import { withStageFiles } from "./own-stages.ts"
import type { OpenCache } from "./prepared-cache.ts"
import type { ReadyStage } from "./ready-stage.ts"

/** Tables of the code that is found by name: kinds of stages and of tasks, and sources. */
export interface DataTables extends Tables {
  readonly openSource: OpenSource
}

/** A pipeline as plain data, and the files of its stages. */
export interface StagedPipeline {
  readonly pipeline: PipelineData
  /** Files that the user named, by absolute path, whose stages the pipeline may contain; each worker imports them. */
  readonly stageFiles?: readonly string[]
  /** Lists that the thread that starts the workers has read for them (`Source.lists`). */
  readonly lists?: ReadListMap | undefined
}

/** Source and host stages of a part of a batch. */
export interface OpenedPart {
  readonly source: Source<Fields>
  readonly stages: readonly ReadyStage[]
}

/**
 * Loads a pipeline, completed by what its host stages know, and opens its training source, once, and its host stages with
 * their caches; `openParts` opens the sources of its parts.
 */
export const openHostStages = Effect.fnUntraced(function* (job: StagedPipeline, given: DataTables, openCache: OpenCache) {
  const tables = yield* withStageFiles(given, job.stageFiles ?? [])
  const loaded = yield* Effect.try({
    try: () => loadPipeline(job.pipeline, tables),
    catch: (cause) =>
      cause instanceof WiringError ? cause : new WiringError({ pipeline: job.pipeline.name, problem: String(cause) })
  })
  const { train } = loaded.source
  const open = (data: SourceData<Fields>) =>
    Effect.provideService(openFor(tables.openSource, data.train, valuesOf(data)), ReadLists, job.lists ?? new Map())
  const source = yield* open(loaded.source)
  // A stage that learns from all captions reads the same source, not a second one.
  const openSource: OpenSource = (name, wanted) =>
    name === train ? Effect.succeed(typedSource(source)) : tables.openSource(name, wanted)
  const opened = yield* openPipeline(loaded, hostContextOf(loaded.source, openSource, openCache))
  // Only training reads them.
  const openParts = Effect.gen(function* () {
    const parts: { [name: string]: OpenedPart } = {}
    for (const [name, part] of Object.entries(loaded.parts ?? {}))
      parts[name] = { source: yield* open(part.source), stages: opened.parts.get(name)! }
    return parts
  })
  return { pipeline: opened.pipeline, source, stages: opened.stages, openParts }
})
