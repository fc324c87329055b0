import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { createGunzip } from "node:zlib"
import { Effect, FileSystem } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { DataError } from "../data-error.ts"
import { damagedGzip } from "./sniff.ts"

const chunkBytes = 2 ** 20

/** Takes a piece of a file; a message that is returned ends the reading. */
type EachPiece = (piece: Uint8Array) => string | undefined

/** Reads a gzip file: its content is passed on, and the SHA-256 is that of the content. */
const readGzip = Effect.fnUntraced(function* (path: string, each: EachPiece) {
  const read = async () => {
    const state = createHash("sha256")
    const file = createReadStream(path, { highWaterMark: chunkBytes })
    const content = createGunzip({ chunkSize: chunkBytes })
    file.on("error", (cause) => content.destroy(cause))
    file.pipe(content)
    try {
      for await (const piece of content) {
        state.update(piece)
        const problem = each(piece)
        if (problem !== undefined) return { problem }
      }
      return { sha256: state.digest("hex") }
    } finally {
      file.destroy()
    }
  }
  const refuse = (problem: string) => new DataError({ file: path, problem })
  const done = yield* Effect.tryPromise({ try: read, catch: (cause) => refuse(damagedGzip(cause)) })
  return "problem" in done ? yield* refuse(done.problem) : done.sha256
})

/**
 * Passes a file on in pieces of at most 1 MiB, in order, and returns its SHA-256; of a gzip file its content. A message of `each`
 * ends the reading as a `DataError`; a piece is valid until `each` returns.
 */
export const readPieces = Effect.fnUntraced(function* (path: string, each: EachPiece, gzip = false) {
  if (gzip) return yield* readGzip(path, each)
  const fs = yield* FileSystem.FileSystem
  const state = createHash("sha256")
  const room = new Uint8Array(chunkBytes)
  const reading = Effect.gen(function* () {
    const file = yield* fs.open(path)
    while (true) {
      const count = yield* file.read(room)
      if (count === 0) return state.digest("hex")
      const piece = room.subarray(0, count)
      state.update(piece)
      const problem = each(piece)
      if (problem !== undefined) return yield* new DataError({ file: path, problem })
    }
  })
  return yield* Effect.scoped(reading).pipe(
    Effect.catchTag("PlatformError", (cause) =>
      Effect.fail(new DataError({ file: path, problem: `unreadable: ${oneLine(cause)}` }))
    )
  )
})

/** Reads the first `count` bytes of a file, or all of a shorter one. */
export const readHead = Effect.fnUntraced(function* (path: string, count: number) {
  const fs = yield* FileSystem.FileSystem
  const room = new Uint8Array(count)
  const reading = Effect.gen(function* () {
    const file = yield* fs.open(path)
    let used = 0
    while (used < count) {
      const more = yield* file.read(room.subarray(used))
      if (more === 0) break
      used += more
    }
    return room.subarray(0, used)
  })
  return yield* Effect.scoped(reading).pipe(
    Effect.mapError((cause) => new DataError({ file: path, problem: `unreadable: ${oneLine(cause)}` }))
  )
})
