import { Effect, FileSystem } from "effect"
import { DataError } from "../data/data-error.ts"
import { oneLine } from "../error/one-line.ts"
import { writeAtomically } from "../store/atomic.ts"
import { decode, encode } from "../store/safetensors/safetensors.ts"
import type { StoredTensor } from "../store/safetensors/stored-tensor.ts"
import { isRecordedTensor, type Recorded, type RecordedTensor, recordedFromJson, recordedToJson } from "./recorded.ts"

const stored = { float32: "F32", int32: "I32", bool: "BOOL" } as const

const fromStored = (name: string, { dtype, shape, data }: StoredTensor): RecordedTensor => {
  if (dtype === "F32") return { dtype: "float32", shape, data }
  if (dtype === "I32") return { dtype: "int32", shape, data }
  if (dtype === "BOOL" || dtype === "U8") return { dtype: "bool", shape, data }
  throw new RangeError(`'${name}' is ${dtype}, which no field holds`)
}

/**
 * Reads a recorded input: `.safetensors` (tensors by field), else JSON in the format of `recordedFromJson`. Errors: `DataError`.
 */
export const readRecorded = Effect.fn("pipeline.readRecorded")(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const problem = (cause: unknown) => new DataError({ file: path, problem: oneLine(cause) })
  const bytes = yield* files.readFile(path).pipe(Effect.mapError(problem))
  return yield* Effect.try({
    try: (): Recorded =>
      path.endsWith(".safetensors")
        ? Object.fromEntries([...decode(bytes, path).tensors].map(([name, tensor]) => [name, fromStored(name, tensor)]))
        : recordedFromJson(JSON.parse(new TextDecoder().decode(bytes))),
    catch: problem
  })
})

/** Writes recorded values: tensors alone as `.safetensors`, else everything as JSON. Errors: `DataError`, `StoreError`. */
export const writeRecorded = Effect.fn("pipeline.writeRecorded")(function* (path: string, values: Recorded) {
  const tensors = Object.entries(values).flatMap(([name, value]): [string, StoredTensor][] =>
    isRecordedTensor(value) ? [[name, { dtype: stored[value.dtype], shape: value.shape, data: value.data } as StoredTensor]] : []
  )
  const content = yield* Effect.try({
    try: () => (path.endsWith(".safetensors") ? encode(new Map(tensors)) : `${JSON.stringify(recordedToJson(values))}\n`),
    catch: (cause) => new DataError({ file: path, problem: oneLine(cause) })
  })
  yield* writeAtomically(path, content)
})
