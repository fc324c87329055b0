import { join } from "node:path"
import { Effect, FileSystem, Schema } from "effect"
import type { EngineError, EngineSession } from "../engine/engine.ts"
import type { BufferContents } from "../model/initial.ts"
import type { Layout, Slot } from "../model/layout.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { sizesOf, tensorStagesOf } from "../pipeline/tensor-stages.ts"
import { writeAtomically, writeFolderAtomically } from "../store/atomic.ts"
import { canonical } from "../store/canonical.ts"
import { sha256, sha256File } from "../store/digest.ts"
import { nameFaults } from "../store/safetensors/name-faults.ts"
import { readSafetensors, type SafetensorsFile } from "../store/safetensors/read-safetensors.ts"
import type { SafetensorsError } from "../store/safetensors/safetensors-error.ts"
import type { StoredTensor } from "../store/safetensors/stored-tensor.ts"
import { writeSafetensors } from "../store/safetensors/write-safetensors.ts"
import { type StoreError, storeError } from "../store/store-error.ts"
import { EarlierSteps } from "./environment.ts"
import { CheckpointError, TrainingError } from "./errors.ts"

/** Content of a checkpoint's state.json. */
export const CheckpointState = Schema.Struct({
  step: Schema.Int,
  pipeline: Schema.String,
  seed: Schema.Int,
  engine: Schema.String,
  /** Threads and kind of processor of its last steps; absent in checkpoints of older versions, and of rounds. */
  threads: Schema.optionalKey(Schema.Int),
  processor: Schema.optionalKey(Schema.String),
  /** Steps that were computed in other environments, in order. */
  earlier: Schema.optionalKey(Schema.Array(EarlierSteps)),
  /** Sources of its frozen sets, and the SHA-256 of their files; their parameters are not in the checkpoint. */
  frozen: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.Struct({ from: Schema.String, digest: Schema.NullOr(Schema.String) }))
  ),
  best: Schema.NullOr(Schema.Struct({ metric: Schema.String, value: Schema.Number, step: Schema.Int }))
})
export type CheckpointState = typeof CheckpointState.Type

const Manifest = Schema.Struct({
  files: Schema.Record(Schema.String, Schema.Struct({ sha256: Schema.String, bytes: Schema.Int }))
})

interface Tensor {
  readonly file: string
  readonly name: string
  readonly buffer: string
  readonly offset: number
  readonly size: number
  readonly shape: readonly number[]
  readonly dtype: "F32" | "I32"
}

const ofSlots = (file: string, buffer: string, slots: readonly Slot[], prefix = ""): readonly Tensor[] =>
  slots.map(({ name, offset, size, shape }) => ({ file, name: prefix + name, buffer, offset, size, shape, dtype: "F32" }))

/** Returns every tensor of a checkpoint: its file and name there, and its window of the state. */
const tensorsOf = (pipeline: Pipeline, layout: Layout): readonly Tensor[] => {
  const kept = tensorStagesOf(pipeline).flatMap((stage) =>
    Object.entries(stage.state(sizesOf(stage, pipeline.sizes))).flatMap(([name, spec]): Tensor[] => {
      const buffer = `${stage.as}.${name}`
      const file = optimizerFile
      const size = spec.shape.reduce((a, b) => a * b, 1)
      return [
        { file, name: buffer, buffer, offset: 0, size, shape: spec.shape, dtype: spec.dtype === "int32" ? "I32" : "F32" },
        { file, name: `${buffer}.pointer`, buffer: `${buffer}.pointer`, offset: 0, size: 1, shape: [1], dtype: "I32" }
      ]
    })
  )
  return [
    ...layout.sets.flatMap(({ file, buffer, slots }) => (file === undefined ? [] : ofSlots(file, buffer, slots))),
    ...ofSlots(optimizerFile, "adam.m", layout.slots, "m."),
    ...ofSlots(optimizerFile, "adam.v", layout.slots, "v."),
    ...kept
  ]
}

const optimizerFile = "optimizer.safetensors"

/** Returns the files of a checkpoint's sets of parameters: the model's, and the teacher's where there is one. */
export const setFiles = ({ sets }: Pick<Layout, "sets">): readonly string[] =>
  sets.flatMap(({ file }) => (file === undefined ? [] : [file]))

/** Returns all its files of tensors. */
const filesOf = (layout: Pick<Layout, "sets">): readonly string[] => [...setFiles(layout), optimizerFile]

/** Returns the sources of frozen sets, whose parameters no checkpoint contains. */
const frozenOf = ({ sets }: Pick<Layout, "sets">): Pick<CheckpointState, "frozen"> => {
  const found = sets.flatMap(({ name, source }) =>
    source ? [[name, { from: source.from, digest: source.digest }] as const] : []
  )
  return found.length === 0 ? {} : { frozen: Object.fromEntries(found) }
}

/** Returns the folder of a step's checkpoint. */
export const checkpointFolder = (run: string, step: number): string => join(run, "checkpoints", `step-${step}`)

/**
 * Writes `checkpoints/step-N` atomically: a safetensors file of each trained set and of the optimizer, state.json, and last a
 * manifest with a SHA-256 per file. An existing checkpoint of the same step is left unchanged. Parameters that are not finite are
 * a `TrainingError`, so that training can always resume from the newest checkpoint.
 */
export const saveCheckpoint = Effect.fn("train.saveCheckpoint")(function* (
  run: string,
  pipeline: Pipeline,
  layout: Layout,
  session: EngineSession,
  state: CheckpointState
) {
  const fs = yield* FileSystem.FileSystem
  const folder = checkpointFolder(run, state.step)
  if (yield* fs.exists(folder).pipe(Effect.mapError(storeError(folder)))) return folder
  const all = tensorsOf(pipeline, layout)
  yield* writeFolderAtomically(
    folder,
    Effect.fnUntraced(function* (temporary: string) {
      const manifest: Record<string, { readonly sha256: string; readonly bytes: number }> = {}
      for (const file of filesOf(layout)) {
        const buffers = new Map<string, Float32Array | Int32Array>()
        const tensors = new Map<string, StoredTensor>()
        for (const tensor of all.filter((each) => each.file === file)) {
          if (!buffers.has(tensor.buffer)) buffers.set(tensor.buffer, yield* session.read(tensor.buffer))
          const data = buffers.get(tensor.buffer)!.subarray(tensor.offset, tensor.offset + tensor.size)
          const bad = tensor.buffer === "student" ? data.findIndex((value) => !Number.isFinite(value)) : -1
          if (bad >= 0)
            return yield* new TrainingError({ step: state.step, reason: `${tensor.name} is ${data[bad]} at ${bad}: not saved` })
          tensors.set(tensor.name, { dtype: tensor.dtype, shape: tensor.shape, data } as StoredTensor)
        }
        manifest[file] = yield* writeSafetensors(join(temporary, file), tensors)
      }
      const text = `${canonical({ ...state, ...frozenOf(layout) })}\n`
      yield* writeAtomically(join(temporary, "state.json"), text)
      manifest["state.json"] = { sha256: sha256(text), bytes: Buffer.byteLength(text) }
      yield* writeAtomically(join(temporary, "manifest.json"), `${canonical({ files: manifest })}\n`)
    })
  )
  return folder
})

const readJson = <S extends Schema.Top & { readonly DecodingServices: never }>(schema: S, path: string) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const text = yield* fs.readFileString(path).pipe(Effect.mapError(storeError(path)))
    return yield* Schema.decodeUnknownEffect(Schema.fromJsonString(schema))(text).pipe(
      Effect.mapError((error) => new CheckpointError({ path, reason: error.message.split("\n", 1)[0]! }))
    )
  })

/**
 * Returns the state.json of a checkpoint with a manifest that names the files of exactly the trained sets, after verifying their
 * digests. Errors: `CheckpointError`.
 */
export const verifyCheckpoint = Effect.fn("train.verifyCheckpoint")(function* (folder: string, layout: Pick<Layout, "sets">) {
  const manifest = yield* readJson(Manifest, join(folder, "manifest.json"))
  const files = [...filesOf(layout), "state.json"]
  const other = Object.keys(manifest.files).find((file) => !files.includes(file))
  if (other !== undefined)
    return yield* new CheckpointError({
      path: join(folder, "manifest.json"),
      reason: `names ${other}, but the pipeline has no such set of weights`
    })
  for (const file of files) {
    const wanted = manifest.files[file]
    if (!wanted) return yield* new CheckpointError({ path: join(folder, "manifest.json"), reason: `does not name ${file}` })
    const found = yield* sha256File(join(folder, file))
    if (found.sha256 !== wanted.sha256)
      return yield* new CheckpointError({
        path: join(folder, file),
        reason: `is not the file that was written (${found.bytes} bytes, sha256 ${found.sha256.slice(0, 12)}…, expected ${wanted.bytes}, ${wanted.sha256.slice(0, 12)}…)`
      })
  }
  return yield* readJson(CheckpointState, join(folder, "state.json"))
})

const nameList = (names: readonly string[]): string =>
  names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ")

/** Returns the mismatch of a file's header with the expected tensors; undefined where there is none. */
const headerFault = (wanted: readonly Tensor[], file: SafetensorsFile): string | undefined => {
  const { missing, unexpected, misshapen } = nameFaults(
    Object.fromEntries(wanted.map(({ name, shape }) => [name, shape])),
    Object.fromEntries([...file.tensors].map(([name, { shape }]) => [name, shape]))
  )
  const faults = [
    ...(missing.length > 0 ? [`missing ${nameList(missing)}`] : []),
    ...(unexpected.length > 0 ? [`unexpected ${nameList(unexpected)}`] : []),
    ...(misshapen.length > 0 ? [`misshapen ${nameList(misshapen)}`] : [])
  ]
  return faults.length > 0 ? faults.join("; ") : undefined
}

/**
 * Reads the state buffers of a checkpoint (of the given files, by default all; without frozen sets); missing, unexpected and
 * misshapen tensors are errors.
 */
export const loadCheckpoint = (
  folder: string,
  pipeline: Pipeline,
  layout: Layout,
  wantedFiles: readonly string[] = filesOf(layout)
): Effect.Effect<BufferContents, CheckpointError | StoreError | SafetensorsError, FileSystem.FileSystem> =>
  Effect.scoped(
    Effect.gen(function* () {
      const contents = new Map<string, Float32Array | Int32Array>()
      const all = tensorsOf(pipeline, layout)
      const lengths: Readonly<Record<string, number>> = {
        ...Object.fromEntries(layout.sets.map(({ buffer, length }) => [buffer, length])),
        "adam.m": layout.length,
        "adam.v": layout.length
      }
      for (const name of wantedFiles) {
        const path = join(folder, name)
        const file = yield* readSafetensors(path)
        const wanted = all.filter((tensor) => tensor.file === name)
        const fault = headerFault(wanted, file)
        if (fault !== undefined) return yield* new CheckpointError({ path, reason: fault })
        for (const tensor of wanted) {
          const stored = yield* file.tensor(tensor.name)
          if (stored.dtype !== tensor.dtype)
            return yield* new CheckpointError({ path, reason: `${tensor.name} is ${stored.dtype}, expected ${tensor.dtype}` })
          const data = stored.data as Float32Array | Int32Array // F32 or I32, as checked above
          const length = lengths[tensor.buffer]
          if (length === undefined) contents.set(tensor.buffer, data)
          else {
            if (!contents.has(tensor.buffer)) contents.set(tensor.buffer, new Float32Array(length))
            contents.get(tensor.buffer)!.set(data, tensor.offset)
          }
        }
      }
      return contents
    })
  )

/** Writes buffers' contents into a session. */
export const restore = (session: EngineSession, contents: BufferContents): Effect.Effect<void, EngineError> =>
  Effect.forEach([...contents], ([buffer, data]) => session.write(buffer, 0, data), { discard: true })
