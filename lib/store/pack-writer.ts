import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { Effect, FileSystem, Scope, Semaphore } from "effect"
import { longestContent, packMagic, recordHeader, recordHeaderBytes } from "./pack.ts"
import type { Place } from "./pack-reader.ts"
import { StoreError, storeError } from "./store-error.ts"

/** A key, 64 hexadecimal digits, and its content. */
export type CacheRecord = readonly [key: string, content: Uint8Array]

/** Appends records to a pack of its own, and returns their positions. */
export interface PackWriter {
  readonly append: (records: ReadonlyArray<CacheRecord>) => Effect.Effect<ReadonlyArray<Place>, StoreError>
}

/** Encodes records, and returns the positions of their contents in a file where the bytes are written at `start`. */
const pack = (records: ReadonlyArray<CacheRecord>, start: number, file: FileSystem.File) => {
  const parts: Array<Uint8Array> = []
  const places: Array<Place> = []
  let at = start
  for (const [key, content] of records) {
    const { bytes: header, checksum } = recordHeader(key, content)
    parts.push(header, content)
    places.push({ file, offset: at + recordHeaderBytes, length: content.length, checksum })
    at += recordHeaderBytes + content.length
  }
  return { bytes: Buffer.concat(parts), places, end: at }
}

/**
 * Returns a writer of a pack that no other writer shares; the file is created with the first record, and flushed and closed with
 * the scope.
 * Appends are sequential, and the records of one are one write. A failed write is truncated, so that records after it can be
 * found.
 */
export const packWriter: (folder: string) => Effect.Effect<PackWriter, never, FileSystem.FileSystem | Scope.Scope> = Effect.fn(
  "store.packWriter"
)(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  const scope = yield* Effect.scope
  const turn = Semaphore.makeUnsafe(1)
  const path = join(folder, `${process.pid}-${randomBytes(6).toString("hex")}.pack`)
  let opened: FileSystem.File | undefined
  let end = packMagic.length

  const open = Effect.gen(function* () {
    if (opened !== undefined) return opened
    const file = yield* fs.open(path, { flag: "wx+" }).pipe(Effect.provideService(Scope.Scope, scope))
    yield* Scope.addFinalizer(scope, Effect.ignore(file.sync))
    opened = file
    yield* file.writeAll(packMagic)
    return file
  })
  const append = Effect.fnUntraced(function* (records: ReadonlyArray<CacheRecord>) {
    const long = records.find(([, content]) => content.length > longestContent)
    if (long !== undefined) {
      const reason = `the record ${long[0]} of ${long[1].length} bytes is longer than ${longestContent}`
      return yield* new StoreError({ path, reason })
    }
    return yield* Effect.gen(function* () {
      const file = yield* open
      const packed = pack(records, end, file)
      yield* file.writeAll(packed.bytes).pipe(Effect.onError(() => Effect.ignore(file.truncate(end))))
      end = packed.end
      return packed.places
    }).pipe(Effect.mapError(storeError(path)))
  })
  return { append: (records) => turn.withPermit(Effect.uninterruptible(append(records))) }
})
