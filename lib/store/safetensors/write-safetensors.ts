import { createHash } from "node:crypto"
import { Effect, type FileSystem } from "effect"
import { writeFileAtomically } from "../atomic.ts"
import { type StoreError, storeError } from "../store-error.ts"
import { layOut } from "./layout.ts"
import { attempt, type SafetensorsError } from "./safetensors-error.ts"
import { bytesOf, type StoredArrays, type StoredDtype, type StoredTensor } from "./stored-tensor.ts"
import { checkTensor } from "./tensor-bytes.ts"

const chunkBytes = 16 * 2 ** 20

/** A tensor whose data is loaded when it is written, so that a file's tensors need not be in memory together. */
export type PendingTensor<E = never, R = never> = {
  readonly [D in StoredDtype]: {
    readonly dtype: D
    readonly shape: ReadonlyArray<number>
    readonly load: Effect.Effect<StoredArrays[D], E, R>
  }
}[StoredDtype]

/** Description of the written file. */
export interface WrittenFile {
  readonly sha256: string
  readonly bytes: number
}

const fetch = <E, R>(tensor: StoredTensor | PendingTensor<E, R>): Effect.Effect<StoredTensor, E, R> =>
  "data" in tensor
    ? Effect.succeed(tensor)
    : // The union loses that dtype and data belong together.
      Effect.map(
        tensor.load as Effect.Effect<StoredArrays[StoredDtype], E, R>,
        (data) => ({ dtype: tensor.dtype, shape: tensor.shape, data }) as StoredTensor
      )

/**
 * Writes tensors as a safetensors file, atomically, in chunks of 16 MiB directly from their arrays; the same bytes as `encode`.
 * Pending tensors are loaded one at a time, in the file's order. Fails with a `SafetensorsError` that names the path and the
 * tensor that cannot be written, a `StoreError`, or the error of a tensor's `load`; an existing file is then untouched.
 */
export const writeSafetensors = <E = never, R = never>(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor | PendingTensor<E, R>>,
  metadata: ReadonlyMap<string, string> = new Map()
): Effect.Effect<WrittenFile, SafetensorsError | StoreError | E, R | FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const { prefix, names, dataBytes } = yield* attempt(() => layOut(tensors, metadata, path))
    const hash = createHash("sha256")
    yield* writeFileAtomically(path, (file) => {
      const append = Effect.fnUntraced(function* (bytes: Uint8Array) {
        for (let at = 0; at < bytes.length; at += chunkBytes) {
          const piece = bytes.subarray(at, at + chunkBytes)
          hash.update(piece)
          yield* file.writeAll(piece).pipe(Effect.mapError(storeError(path)))
        }
      })
      return Effect.gen(function* () {
        yield* append(prefix)
        for (const name of names) {
          const tensor = yield* fetch(tensors.get(name)!)
          yield* attempt(() => checkTensor(name, tensor, path))
          yield* append(bytesOf(tensor.data))
        }
      })
    })
    return { sha256: hash.digest("hex"), bytes: prefix.length + dataBytes }
  }).pipe(Effect.withSpan("weights.writeSafetensors"))
