import { join } from "node:path"
import { Effect, FileSystem } from "effect"
import { filesOf, type ReadyStage } from "../data/host/ready-stage.ts"
import type { Credit } from "../data/source.ts"
import type { Engine } from "../engine/engine.ts"
import type { Layout } from "../model/layout.ts"
import type { ModelWeights } from "../model/model-session.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { exportedIn, frozenFileName } from "../pipeline/portable.ts"
import type { Json } from "../pipeline/stage.ts"
import type { TrainedSet } from "../pipeline/weight-set.ts"
import { writeAtomically, writeFolderAtomically } from "../store/atomic.ts"
import { sha256, digest as sha256OfData } from "../store/digest.ts"
import type { StoredTensor } from "../store/safetensors/stored-tensor.ts"
import { writeSafetensors } from "../store/safetensors/write-safetensors.ts"
import { storeError } from "../store/store-error.ts"
import type { Measured, TaskTable } from "../task/task.ts"
import { frozenFiles } from "../weights/frozen-file.ts"
import { toHuggingFace, type Weight } from "../weights/hugging-face.ts"
import { exportEncoders } from "./export-encoders.ts"
import { modelCard } from "./model-card.ts"
import { encoderConfigs, type ModelConfig } from "./model-config.ts"

/** A model to be exported. */
export interface ExportInputs extends ModelWeights {
  readonly pipeline: Pipeline
  readonly layout: Layout
  readonly who: TrainedSet
  readonly step: number | null
  /** Digest of the pipeline that it was trained with. */
  readonly digest: string
  readonly host: readonly ReadyStage[]
  readonly engine: Engine
  readonly credits: readonly Credit[]
  /** Metrics of exactly these weights, by task. */
  readonly measured: { readonly [task: string]: Measured }
  readonly tasks: TaskTable
}

/** Returns the choices that the model's tasks made on validation data, by task. */
const choicesOf = ({ measured, tasks }: ExportInputs): { readonly [task: string]: Json } =>
  Object.fromEntries(
    Object.entries(measured).flatMap(([task, found]) => {
      const choice = tasks[task]?.choice(found)
      return choice === undefined ? [] : [[task, choice]]
    })
  )

/** Returns a model's parameters by name: the student's, or the teacher's where it has a copy. */
export const namedWeights = (layout: Layout, who: TrainedSet, { student, teacher }: ModelWeights): ReadonlyMap<string, Weight> =>
  new Map(
    layout.slots.map(({ name, shape, offset, size, hasTeacher }) => {
      const buffer = who === "teacher" && hasTeacher && teacher ? teacher : student
      return [name, { shape, data: buffer.subarray(offset, offset + size) }]
    })
  )

const stored = (weights: ReadonlyMap<string, Weight>): ReadonlyMap<string, StoredTensor> =>
  new Map([...weights].map(([name, { shape, data }]) => [name, { dtype: "F32", shape, data }]))

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/**
 * Writes a model's folder atomically: config.json, model.safetensors with Hugging Face's names, the files its stages need
 * (tokenizer.json, its frozen sets), onnx/image.onnx and onnx/text.onnx, checked against the model, and README.md. Returns the
 * largest relative difference of the ONNX models; a pipeline that does not embed images and texts separately has none. An
 * existing folder is a `StoreError`; other errors: `WeightsError`, `EvaluateError`, `EngineError`, `DataError`.
 */
export const exportModel = Effect.fn("weights.exportModel")(function* (folder: string, inputs: ExportInputs) {
  const { pipeline, layout, who, step, digest, host, engine, credits } = inputs
  const choices = choicesOf(inputs)
  const fs = yield* FileSystem.FileSystem
  const fixed = [...(yield* frozenFiles(pipeline))].map(([name, each]) => ({ ...each, name: frozenFileName(name) }))
  const data = JSON.parse(JSON.stringify(exportedIn(pipeline, ""))) as Json
  const config: ModelConfig = {
    model_type: "semmim",
    format: 1,
    weights: who,
    step,
    pipeline_digest: digest,
    pipeline: data,
    pipeline_sha256: sha256OfData(data),
    files: Object.fromEntries([
      ...[...filesOf(host)].map(([name, bytes]) => [name, sha256(bytes)] as const),
      ...fixed.map(({ name, digest }) => [name, digest] as const)
    ]),
    ...(Object.keys(choices).length > 0 ? { choices } : {}),
    ...encoderConfigs(pipeline, layout)
  }
  const encodes = ["imageEmbedding", "textEmbedding"].every((name) => Object.hasOwn(pipeline.fields, name))
  const encoders = encodes ? yield* exportEncoders(pipeline, layout, inputs, who, engine) : []
  const parameters = layout.slots.reduce((sum, { size }) => sum + size, 0)
  const onnx = encoders.map(({ described }) => described)
  const measured = Object.entries(inputs.measured).flatMap(([task, found]) => inputs.tasks[task]?.card(found) ?? [])
  const card = {
    name: pipeline.name,
    config,
    parameters,
    data: pipeline.source.train,
    credits,
    measured,
    onnx,
    tasks: pipeline.tasks.map(({ task }) => task)
  }
  yield* writeFolderAtomically(
    folder,
    Effect.fnUntraced(function* (temporary: string) {
      yield* writeSafetensors(
        join(temporary, "model.safetensors"),
        stored(toHuggingFace(namedWeights(layout, who, inputs))),
        new Map([["format", "pt"]])
      )
      for (const [name, bytes] of filesOf(host)) yield* writeAtomically(join(temporary, name), bytes)
      for (const { name, file } of fixed) yield* fs.copyFile(file, join(temporary, name)).pipe(Effect.mapError(storeError(file)))
      for (const { file, model } of encoders) yield* writeAtomically(join(temporary, file), model)
      yield* writeAtomically(join(temporary, "config.json"), json(config))
      yield* writeAtomically(join(temporary, "README.md"), modelCard(card))
    })
  )
  return encodes ? Math.max(...encoders.map(({ difference }) => difference)) : undefined
})
