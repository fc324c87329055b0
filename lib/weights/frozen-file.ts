import { join, resolve } from "node:path"
import { Effect, FileSystem } from "effect"
import { WeightsError } from "../error/weights-error.ts"
import type { FrozenWeights } from "../model/frozen-contents.ts"
import { frozenSetsOf, withFrozenSets } from "../pipeline/frozen-sets.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { FrozenSet } from "../pipeline/weight-set.ts"
import { checkpointFolder } from "../run-folder/checkpoint.ts"
import { checkpointSteps } from "../run-folder/run-folder.ts"
import { sha256File } from "../store/digest.ts"
import { decode } from "../store/safetensors/safetensors.ts"
import { storeError } from "../store/store-error.ts"
import { fromHuggingFace, type Weight, type Weights } from "./hugging-face.ts"
import { readWeights } from "./read-weights.ts"

/** File of a frozen set, and the SHA-256 of its content. */
export interface FrozenFile {
  readonly file: string
  readonly digest: string
}

const modelFile = "model.safetensors"
const short = (digest: string): string => `${digest.slice(0, 12)}…`

/**
 * Returns the files that a set may be read from: a file, an exported model's, or those of a run's checkpoints, the newest first.
 */
const candidates = Effect.fnUntraced(function* ({ frozen, from }: FrozenSet) {
  const fs = yield* FileSystem.FileSystem
  const refuse = (reason: string) =>
    new WeightsError({ file: from, reason: `the frozen set '${frozen}' is read from it, but ${reason}` })
  if (!(yield* fs.exists(from).pipe(Effect.mapError(storeError(from))))) return yield* refuse("it is not there")
  const { type } = yield* fs.stat(from).pipe(Effect.mapError(storeError(from)))
  if (type !== "Directory") return [from]
  const there = yield* fs.readDirectory(from).pipe(Effect.mapError(storeError(from)))
  if (there.includes(modelFile)) return [join(from, modelFile)]
  const files: string[] = []
  for (const step of yield* checkpointSteps(from)) {
    const folder = checkpointFolder(from, step)
    const names = yield* fs.readDirectory(folder).pipe(Effect.mapError(storeError(folder)))
    for (const name of [modelFile, "teacher.safetensors"]) if (names.includes(name)) files.push(join(folder, name))
  }
  return files.length > 0 ? files : yield* refuse(`it has neither ${modelFile} nor a checkpoint`)
})

/**
 * Finds the file of a frozen set: the one with its digest where it has one, else the newest. Fails with a `WeightsError` where
 * there is none, or none with that digest, or a `StoreError`.
 */
export const frozenFile = Effect.fn("weights.frozenFile")(function* (set: FrozenSet) {
  const found: FrozenFile[] = []
  for (const file of yield* candidates(set)) {
    const { sha256 } = yield* sha256File(file)
    if (set.digest === null || sha256 === set.digest) return { file, digest: sha256 } satisfies FrozenFile
    found.push({ file, digest: sha256 })
  }
  const [first] = found
  return yield* new WeightsError({
    file: first!.file,
    reason: `its SHA-256 is ${short(first!.digest)}, but the frozen set '${set.frozen}' was ${short(set.digest!)}: put that file back, or start a new run with this one`
  })
})

/** Finds the files of all frozen sets of a pipeline, by name. */
export const frozenFiles = Effect.fn("weights.frozenFiles")(function* (pipeline: Pipeline) {
  const files = new Map<string, FrozenFile>()
  for (const [name, set] of frozenSetsOf(pipeline)) files.set(name, yield* frozenFile(set))
  return files as ReadonlyMap<string, FrozenFile>
})

/**
 * Returns a pipeline whose frozen sets have the digests of their files, and absolute paths; `known` digests, by name, are those
 * of a resumed run. Errors: see `frozenFile`.
 */
export const pinFrozen = Effect.fn("weights.pinFrozen")(function* (
  pipeline: Pipeline,
  known: ReadonlyMap<string, string> = new Map()
) {
  const sets = frozenSetsOf(pipeline)
  if (sets.size === 0) return pipeline
  const pinned = new Map<string, FrozenSet>()
  for (const [name, set] of sets) {
    const placed = { ...set, from: resolve(set.from), digest: set.digest ?? known.get(name) ?? null }
    pinned.set(name, { ...placed, digest: (yield* frozenFile(placed)).digest })
  }
  return withFrozenSets(pipeline, pinned)
})

/**
 * Reads the parameters of a pipeline's frozen sets, each from the file with its digest. Errors: see `frozenFile`, and
 * `SafetensorsError`.
 */
export const readFrozen = Effect.fn("weights.readFrozen")(function* (pipeline: Pipeline) {
  const read = new Map<string, Weights>()
  for (const [name, { file }] of yield* frozenFiles(pipeline)) read.set(name, fromHuggingFace(yield* readWeights(file)))
  return read satisfies FrozenWeights as FrozenWeights
})

/** Decodes the parameters in the bytes of such a file. Throws a `SafetensorsError` that names `what`. */
export const decodeFrozen = (bytes: Uint8Array, what: string): Weights =>
  fromHuggingFace(
    new Map(
      [...decode(bytes, what).tensors].flatMap(([name, { shape, data }]): [string, Weight][] =>
        data instanceof Float32Array ? [[name, { shape, data }]] : []
      )
    )
  )
