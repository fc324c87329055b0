import { Effect } from "effect"
import { type Pipeline, type PipelineData, toData } from "../../pipeline/pipeline.ts"
import type { HostStage, Json } from "../../pipeline/stage.ts"
import type { OpenedVocabulary } from "../../pipeline/vocabulary.ts"
import type { StoreError } from "../../store/store-error.ts"
import type { DataError } from "../data-error.ts"
import { type Files, hostStagesOf } from "./ready-stage.ts"

/** A vocabulary found in a folder, as a tokenizing stage reads it. */
export interface FoundVocabulary {
  /** The field of token ids of this vocabulary. */
  readonly field: string
  readonly vocabulary: OpenedVocabulary
  /** The stage's settings with this vocabulary in the place of its own. */
  readonly settings: Json
}

/** Optional members of a tokenizing host stage that let weights provide their vocabulary. */
export interface VocabularyHooks {
  /** True where the stage builds its vocabulary from captions: a vocabulary that comes with weights then replaces it. */
  readonly learnsVocabulary?: boolean
  /** Returns the vocabulary in a folder in Hugging Face's layout; undefined where there is none. */
  readonly vocabularyIn?: (folder: string) => Effect.Effect<FoundVocabulary | undefined, DataError | StoreError, Files>
}

/** A vocabulary that a folder provides for a pipeline's texts. */
export interface BroughtVocabulary extends FoundVocabulary {
  /** The pipeline with that vocabulary, where its own would be built from captions. */
  readonly pipeline: PipelineData | undefined
}

/** Finds the vocabulary that a folder provides for a pipeline, by the first stage that finds one. */
export const broughtVocabulary = Effect.fn("pipeline.broughtVocabulary")(function* (pipeline: Pipeline, folder: string) {
  for (const stage of hostStagesOf(pipeline.stages) as readonly (HostStage & VocabularyHooks)[]) {
    const found = stage.vocabularyIn ? yield* stage.vocabularyIn(folder) : undefined
    if (!found) continue
    const data = toData(pipeline)
    const stages = data.stages.map((record) => (record.as === stage.as ? { ...record, settings: found.settings } : record))
    return { ...found, pipeline: stage.learnsVocabulary === true ? { ...data, stages } : undefined } satisfies BroughtVocabulary
  }
  return undefined
})
