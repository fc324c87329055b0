import { basename, dirname, join } from "node:path"
import { Effect, FileSystem, Schema } from "effect"
import { WeightsError } from "../error/weights-error.ts"
import { type StoreError, storeError } from "../store/store-error.ts"

/** A safetensors file, and the names of the tensors to read from it; all where absent. */
export interface WeightsPart {
  readonly file: string
  readonly names?: readonly string[]
}

/** Hugging Face's names of a model's file; the second lists the parts of a model stored in several files. */
export const weightsNames = ["model.safetensors", "model.safetensors.index.json"] as const

const Index = Schema.fromJsonString(Schema.Struct({ weight_map: Schema.Record(Schema.String, Schema.String) }))

/** Maximum length in bytes of the index that is read: some hundred times that of the largest models. */
const longestIndex = 64 * 2 ** 20

const pyTorch = /\.(bin|pt|pth|ckpt)$/

/** Finds the safetensors of a folder in Hugging Face's layout; the error describes what the folder contains instead. */
export const weightsFileIn: (folder: string) => Effect.Effect<string, WeightsError | StoreError, FileSystem.FileSystem> =
  Effect.fn("weights.weightsFileIn")(function* (folder: string) {
    const fs = yield* FileSystem.FileSystem
    const there = yield* fs.readDirectory(folder).pipe(Effect.mapError(storeError(folder)))
    const name = weightsNames.find((each) => there.includes(each))
    if (name !== undefined) return join(folder, name)
    const others = there.filter((each) => pyTorch.test(each) || /\.(safetensors|h5|msgpack|onnx)$/.test(each)).sort()
    const found = others.length > 0 ? `; it has ${others.slice(0, 4).join(", ")}${others.length > 4 ? ", …" : ""}` : ""
    const todo = others.some((each) => each.endsWith(".safetensors")) ? ": name the file itself" : ""
    return yield* new WeightsError({ file: folder, reason: `has no ${weightsNames.join(" and no ")}${found}${todo}` })
  })

/** Returns the parts that an index lists, sorted by name. */
const partsOf = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const refuse = (reason: string) => new WeightsError({ file: path, reason })
  const text = yield* fs.readFileString(path).pipe(Effect.mapError(storeError(path)))
  const { weight_map: map } = yield* Schema.decodeUnknownEffect(Index)(text).pipe(
    Effect.mapError(() =>
      refuse("is JSON without a weight_map of tensors to files: give the safetensors file, or the list of its parts")
    )
  )
  const parts = Map.groupBy(Object.entries(map), ([, file]) => file)
  if (parts.size === 0) return yield* refuse("has an empty weight_map")
  for (const file of parts.keys()) {
    if (basename(file) !== file || file === "..")
      return yield* refuse(`names the part ${JSON.stringify(file)}, which is not beside it`)
    if (pyTorch.test(file))
      return yield* refuse(
        `lists PyTorch files (${file}), which could run any code when they are read; give ${weightsNames.join(" or ")}`
      )
  }
  const folder = dirname(path)
  const there = new Set(yield* fs.readDirectory(folder).pipe(Effect.mapError(storeError(folder))))
  const missing = [...parts.keys()].filter((file) => !there.has(file)).sort()
  if (missing.length > 0)
    return yield* refuse(
      `${missing.length} of the ${parts.size} files that it lists are not beside it: ${missing.slice(0, 4).join(", ")}`
    )
  return [...parts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([file, entries]): WeightsPart => ({ file: join(folder, file), names: entries.map(([name]) => name) }))
})

/**
 * Returns the safetensors files of a model: a file; those that `model.safetensors.index.json` lists; or those of a folder.
 * Errors: `WeightsError`, `StoreError`; the files' content is checked by `readSafetensors`.
 */
export const weightsParts = Effect.fn("weights.weightsParts")(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const { type } = yield* fs.stat(path).pipe(Effect.mapError(storeError(path)))
  const file = type === "Directory" ? yield* weightsFileIn(path) : path
  const { size } = yield* fs.stat(file).pipe(Effect.mapError(storeError(file)))
  if (Number(size) > longestIndex) return [{ file }] satisfies readonly WeightsPart[] as readonly WeightsPart[]
  const start = yield* Effect.scoped(
    Effect.gen(function* () {
      const opened = yield* fs.open(file)
      const buffer = new Uint8Array(16)
      const read = yield* opened.read(buffer, { position: 0n })
      return new TextDecoder("latin1").decode(buffer.subarray(0, Number(read)))
    })
  ).pipe(Effect.mapError(storeError(file)))
  // A safetensors file begins with the length of its header: read so, these bytes would be 2 GB or more.
  return /^\s*\{\s*"/.test(start) ? yield* partsOf(file) : ([{ file }] as readonly WeightsPart[])
})
