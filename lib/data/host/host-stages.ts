import { Effect } from "effect"
import { WiringError } from "../../pipeline/errors.ts"
import { loadPipeline, type Tables } from "../../pipeline/load.ts"
import type { PipelineData } from "../../pipeline/pipeline.ts"
import { valuesOf } from "../../pipeline/samples.ts"
import type { Source } from "../source.ts"
import { type ReadListMap, ReadLists } from "../sources/read-lists.ts"
import { hostContextOf, type OpenSource, openFor } from "./host-context.ts"
import { openPipeline } from "./open-pipeline.ts"
import { withStageFiles } from "./own-stages.ts"
import type { OpenCache } from "./prepared-cache.ts"

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

/**
 * Loads a pipeline, completed with its host stages' vocabularies, and opens its training source once, and the stages with their
 * caches.
 */
export const openHostStages = Effect.fnUntraced(function* (job: StagedPipeline, given: DataTables, openCache: OpenCache) {
  const tables = yield* withStageFiles(given, job.stageFiles ?? [])
  const loaded = yield* Effect.try({
    try: () => loadPipeline(job.pipeline, tables),
    catch: (cause) =>
      cause instanceof WiringError ? cause : new WiringError({ pipeline: job.pipeline.name, problem: String(cause) })
  })
  const { train } = loaded.source
  const fields = valuesOf(loaded.source)
  const opening = openFor(tables.openSource, train, fields)
  const source = yield* Effect.provideService(opening, ReadLists, job.lists ?? new Map())
  // A stage that builds a vocabulary from all captions reads the same source, not a second one.
  const openSource: OpenSource = (name, wanted) =>
    name === train ? Effect.succeed(source as unknown as Source) : tables.openSource(name, wanted)
  const { pipeline, stages } = yield* openPipeline(loaded, hostContextOf(loaded.source, openSource, openCache))
  return { pipeline, source, stages }
})
