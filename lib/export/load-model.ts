import { join, resolve } from "node:path"
import { Effect, FileSystem, Schema } from "effect"
import { WeightsError } from "../error/weights-error.ts"
import type { FrozenWeights } from "../model/frozen-contents.ts"
import { type Layout, parameterLayout } from "../model/layout.ts"
import { loadPipeline, type Tables } from "../pipeline/load.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { exportedIn } from "../pipeline/portable.ts"
import { editedFile, editedPipeline } from "../run-folder/edited.ts"
import { sha256File } from "../store/digest.ts"
import { faultSentence, nameFaults } from "../store/safetensors/name-faults.ts"
import { storeError } from "../store/store-error.ts"
import { readFrozen } from "../weights/frozen-file.ts"
import { fromHuggingFace, type Weights } from "../weights/hugging-face.ts"
import { readWeights } from "../weights/read-weights.ts"
import { ModelConfig } from "./model-config.ts"

/** A model read from a folder, ready for `openModelSession`. */
export interface LoadedModel {
  readonly pipeline: Pipeline
  readonly layout: Layout
  readonly student: Float32Array
  readonly frozen: FrozenWeights
  readonly config: ModelConfig
}

const line = (error: unknown): string => (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ")

/**
 * Returns a model's parameters in the flat buffer of its layout. Throws a `WeightsError` with all missing, unexpected and
 * misshapen names.
 */
export const flatWeights = (file: string, layout: Layout, weights: Weights): Float32Array => {
  const wanted = Object.fromEntries(layout.slots.map(({ name, shape }) => [name, shape]))
  const found = Object.fromEntries([...weights].map(([name, { shape }]) => [name, shape]))
  const fault = faultSentence(nameFaults(wanted, found))
  if (fault !== undefined) throw new WeightsError({ file, reason: fault })
  const student = new Float32Array(layout.length)
  for (const { name, offset } of layout.slots) student.set(weights.get(name)!.data, offset)
  return student
}

/**
 * Reads an exported model's folder: its pipeline, whose stages read their files from the folder, and its weights with the frozen
 * sets. Fails with a `WeightsError` for a config or weights that do not fit, or were edited since, or a `StoreError` or
 * `SafetensorsError`.
 */
export const loadModel = Effect.fn("weights.loadModel")(function* (folder: string, tables: Tables) {
  const fs = yield* FileSystem.FileSystem
  const configFile = join(folder, "config.json")
  const text = yield* fs.readFileString(configFile).pipe(Effect.mapError(storeError(configFile)))
  const config = yield* Schema.decodeUnknownEffect(Schema.fromJsonString(ModelConfig))(text).pipe(
    Effect.mapError((error) => new WeightsError({ file: configFile, reason: line(error) }))
  )
  const edited = editedPipeline(config.pipeline, config.pipeline_sha256)
  if (edited !== undefined) return yield* new WeightsError({ file: configFile, reason: edited })
  for (const [name, recorded] of Object.entries(config.files ?? {})) {
    const kept = join(folder, name)
    const reason = editedFile((yield* sha256File(kept)).sha256, recorded)
    if (reason !== undefined) return yield* new WeightsError({ file: kept, reason })
  }
  const pipeline = yield* Effect.try({
    try: () => loadPipeline(exportedIn(loadPipeline(config.pipeline, tables), resolve(folder)), tables),
    catch: (error) => new WeightsError({ file: configFile, reason: line(error) })
  })
  const layout = parameterLayout(pipeline)
  const file = join(folder, "model.safetensors")
  const weights = fromHuggingFace(yield* readWeights(file))
  const student = yield* Effect.try({
    try: () => flatWeights(file, layout, weights),
    catch: (error) => (error instanceof WeightsError ? error : new WeightsError({ file, reason: line(error) }))
  })
  return { pipeline, layout, student, frozen: yield* readFrozen(pipeline), config } satisfies LoadedModel
})
