import { createHash, hash } from "node:crypto"
import { Effect, FileSystem } from "effect"
import { canonical } from "./canonical.ts"
import { type StoreError, storeError } from "./store-error.ts"

const chunkBytes = 4 * 2 ** 20

/** SHA-256 of bytes, or of a text as UTF-8, as 64 lower-case hexadecimal digits. */
export const sha256 = (content: Uint8Array | string): string => hash("sha256", content)

/** SHA-256 of a value's canonical JSON; throws a `TypeError` for a value that has none. */
export const digest = (value: unknown): string => sha256(canonical(value))

/** SHA-256 and size in bytes of a file of any size, read in chunks of 4 MiB. */
export const sha256File: (
  path: string
) => Effect.Effect<{ readonly sha256: string; readonly bytes: number }, StoreError, FileSystem.FileSystem> = Effect.fn(
  "store.sha256File"
)(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const state = createHash("sha256")
  const chunk = new Uint8Array(chunkBytes)
  let bytes = 0
  yield* Effect.scoped(
    Effect.gen(function* () {
      const file = yield* fs.open(path)
      while (true) {
        const read = yield* file.read(chunk)
        if (read === 0) return
        state.update(chunk.subarray(0, read))
        bytes += read
      }
    })
  ).pipe(Effect.mapError(storeError(path)))
  return { sha256: state.digest("hex"), bytes }
})
