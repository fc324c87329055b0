import { Effect, FileSystem, type Scope } from "effect"
import { packMagic, readRecordHeader, recordHeaderBytes } from "./pack.ts"
import { type StoreError, storeError } from "./store-error.ts"

/** Position of a record's content. */
export interface Place {
  readonly file: FileSystem.File
  readonly offset: number
  readonly length: number
  readonly checksum: number
}

const smallest = 4 * 2 ** 10
const largest = 2 ** 20

/** Reads forward through a file in windows, large where little is skipped and small where much is. */
const forwardReader = (file: FileSystem.File, size: number) => {
  let window = 16 * smallest
  let buffer = new Uint8Array(0)
  let start = 0
  return Effect.fnUntraced(function* (offset: number, length: number) {
    const end = start + buffer.length
    if (offset + length > end) {
      window = offset - end > window / 8 ? Math.max(smallest, window / 2) : Math.min(largest, window * 2)
      const wanted = new Uint8Array(Math.min(window, size - offset))
      let filled = 0
      while (filled < wanted.length) {
        const read = yield* file.read(wanted.subarray(filled), { position: BigInt(offset + filled) })
        if (read === 0) break
        filled += read
      }
      buffer = wanted.subarray(0, filled)
      start = offset
    }
    return buffer.subarray(offset - start, offset - start + length)
  })
}

/**
 * Opens a pack and lists its complete records by key, the last of a key winning; the file stays open with the scope.
 * Records after a torn or damaged header cannot be found and are left out, as is a last record whose content is truncated, so a
 * pack that is being written, or whose writer was killed, reads as its complete part. Contents are not read.
 */
export const openPack: (
  path: string
) => Effect.Effect<ReadonlyMap<string, Place>, StoreError, FileSystem.FileSystem | Scope.Scope> = Effect.fn("store.openPack")(
  function* (path: string) {
    const fs = yield* FileSystem.FileSystem
    return yield* Effect.gen(function* () {
      const file = yield* fs.open(path)
      const size = Number((yield* file.stat).size)
      const read = forwardReader(file, size)
      const places = new Map<string, Place>()
      let at = packMagic.length
      if (size < at || Buffer.compare(yield* read(0, at), packMagic) !== 0) return places
      while (at + recordHeaderBytes <= size) {
        const bytes = yield* read(at, recordHeaderBytes)
        const header = bytes.length === recordHeaderBytes ? readRecordHeader(bytes) : undefined
        if (header === undefined) break
        const offset = at + recordHeaderBytes
        at = offset + header.length
        if (at > size) break
        places.set(header.key, { file, offset, length: header.length, checksum: header.checksum })
      }
      return places
    }).pipe(Effect.mapError(storeError(path)))
  }
)
