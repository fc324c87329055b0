import { Effect, FileSystem, type Scope } from "effect"
import { StoreError, storeError } from "../store-error.ts"
import { telling } from "./foreign-format.ts"
import { type Header, headerLength, parseHeader } from "./header.ts"
import { attempt, SafetensorsError } from "./safetensors-error.ts"
import type { StoredTensor } from "./stored-tensor.ts"
import { filling } from "./tensor-bytes.ts"

const chunkBytes = 64 * 2 ** 20

/** An open safetensors file: the content of its header, and its tensors one at a time. */
export interface SafetensorsFile extends Header {
  readonly path: string
  /**
   * Reads one tensor; floats of other precisions become F32. Fails for a name that is not in the file or a dtype that is not
   * supported.
   */
  readonly tensor: (name: string) => Effect.Effect<StoredTensor, SafetensorsError | StoreError>
}

/** Fills a buffer from a position in a file, in pieces that the operating system accepts. */
const readInto = Effect.fnUntraced(function* (file: FileSystem.File, path: string, buffer: Uint8Array, position: number) {
  for (let at = 0; at < buffer.length; ) {
    const piece = buffer.subarray(at, Math.min(buffer.length, at + chunkBytes))
    const read = yield* file.read(piece, { position: BigInt(position + at) }).pipe(Effect.mapError(storeError(path)))
    if (read === 0) return yield* new StoreError({ path, reason: `ends at byte ${position + at}, it was longer when opened` })
    at += read
  }
})

/**
 * Opens a safetensors file of any size, checks its whole header against the file's size, and reads tensors on demand, directly
 * into their arrays. The file is closed with the scope.
 * Fails with a `SafetensorsError` that names the path and the rule broken, or a `StoreError` where reading fails.
 */
export const readSafetensors: (
  path: string
) => Effect.Effect<SafetensorsFile, SafetensorsError | StoreError, FileSystem.FileSystem | Scope.Scope> = Effect.fn(
  "weights.readSafetensors"
)(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const file = yield* fs.open(path).pipe(Effect.mapError(storeError(path)))
  const { type, size: bigSize } = yield* file.stat.pipe(Effect.mapError(storeError(path)))
  if (type === "Directory") return yield* new SafetensorsError({ file: path, reason: "is a folder, no safetensors file" })
  const size = Number(bigSize)
  const prefix = new Uint8Array(Math.min(telling, size))
  yield* readInto(file, path, prefix, 0)
  const length = yield* attempt(() => headerLength(prefix, size, path))
  const bytes = new Uint8Array(length)
  yield* readInto(file, path, bytes, 8)
  const header = yield* attempt(() => parseHeader(bytes, size - 8 - length, path))
  const tensor = Effect.fnUntraced(function* (name: string) {
    const entry = header.tensors.get(name)
    if (entry === undefined) return yield* new SafetensorsError({ file: path, reason: `has no tensor ${JSON.stringify(name)}` })
    const target = yield* attempt(() => filling(name, entry, path))
    yield* readInto(file, path, target.bytes, 8 + length + entry.start)
    yield* attempt(target.finish)
    return target.tensor
  })
  return { ...header, path, tensor }
})
