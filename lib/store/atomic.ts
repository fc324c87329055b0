import { randomBytes } from "node:crypto"
import { basename, dirname, join, resolve } from "node:path"
import { Effect, FileSystem } from "effect"
import { makeFolder } from "./make-folder.ts"
import { StoreError, storeError } from "./store-error.ts"

const temporaryName = /^\..+\.[0-9a-f]{12}\.tmp$/

/** Returns a name beside a path, on the same file system, that no reader of the folder takes for content. */
const temporaryBeside = (path: string): string => join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`)

/**
 * Makes a folder's list of names durable; a renamed file is not until then. Windows cannot open folders, and does not need it.
 */
const syncFolder = Effect.fnUntraced(function* (folder: string) {
  if (process.platform === "win32") return
  const fs = yield* FileSystem.FileSystem
  yield* Effect.scoped(Effect.flatMap(fs.open(folder), (handle) => handle.sync)).pipe(Effect.mapError(storeError(folder)))
})

/** Renames a temporary file to its final path, durably; the temporary is gone afterwards, also on failure. */
const intoPlace = <A, E, R>(path: string, temporary: string, write: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    yield* makeFolder(dirname(path)).pipe(Effect.mapError(storeError(dirname(path))))
    const result = yield* write
    yield* fs.rename(temporary, path).pipe(Effect.mapError(storeError(path)))
    yield* syncFolder(dirname(path))
    return result
  }).pipe(
    Effect.onError(() =>
      Effect.flatMap(FileSystem.FileSystem, (fs) => fs.remove(temporary, { recursive: true, force: true })).pipe(Effect.ignore)
    )
  )

/**
 * Writes a file so that a crash at any moment leaves the old file or the new one whole: into a temporary beside it, flushed to
 * disk, renamed over it, the folder flushed. Creates missing folders.
 *
 * `write` gets the open file; its result is returned. On failure the old file is untouched and the temporary removed.
 */
export const writeFileAtomically = <A, E, R>(
  path: string,
  write: (file: FileSystem.File) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | StoreError, R | FileSystem.FileSystem> => {
  const temporary = temporaryBeside(resolve(path))
  return intoPlace(
    resolve(path),
    temporary,
    Effect.scoped(
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const file = yield* fs.open(temporary, { flag: "wx" }).pipe(Effect.mapError(storeError(path)))
        const result = yield* write(file)
        yield* file.sync.pipe(Effect.mapError(storeError(path)))
        return result
      })
    )
  )
}

/** Writes bytes, or a text as UTF-8, as one file, atomically (see `writeFileAtomically`). */
export const writeAtomically = (
  path: string,
  content: Uint8Array | string
): Effect.Effect<void, StoreError, FileSystem.FileSystem> => {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
  return writeFileAtomically(path, (file) => file.writeAll(bytes).pipe(Effect.mapError(storeError(path))))
}

/** Flushes every file and folder under a folder, then the folder. */
const syncTree: (folder: string) => Effect.Effect<void, StoreError, FileSystem.FileSystem> = Effect.fnUntraced(
  function* (folder) {
    const fs = yield* FileSystem.FileSystem
    const names = yield* fs.readDirectory(folder).pipe(Effect.mapError(storeError(folder)))
    for (const name of names) {
      const path = join(folder, name)
      const info = yield* fs.stat(path).pipe(Effect.mapError(storeError(path)))
      if (info.type === "Directory") yield* syncTree(path)
      else
        yield* Effect.scoped(Effect.flatMap(fs.open(path, { flag: "r+" }), (file) => file.sync)).pipe(
          Effect.mapError(storeError(path))
        )
    }
    yield* syncFolder(folder)
  }
)

/**
 * Writes a folder so that a crash leaves it absent or whole: `fill` writes into a temporary folder beside it, which is flushed
 * recursively and renamed.
 * An existing folder is an error, before and after `fill`: no rename replaces one atomically. On failure the temporary is
 * removed.
 */
export const writeFolderAtomically = <A, E, R>(
  path: string,
  fill: (temporary: string) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | StoreError, R | FileSystem.FileSystem> => {
  const temporary = temporaryBeside(resolve(path))
  return intoPlace(
    resolve(path),
    temporary,
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const exists = fs.exists(path).pipe(Effect.mapError(storeError(path)))
      if (yield* exists) return yield* new StoreError({ path, reason: "exists already" })
      yield* makeFolder(temporary).pipe(Effect.mapError(storeError(temporary)))
      const result = yield* fill(temporary)
      yield* syncTree(temporary)
      // Renaming onto an empty folder would succeed and hide that another process made it meanwhile.
      if (yield* exists) return yield* new StoreError({ path, reason: "exists already" })
      return result
    })
  )
}

/**
 * Removes temporaries of killed writers from a folder (not from folders inside it) and returns their names; for the holder of the
 * folder's lock only, since a live writer's temporary looks the same. Returns none for a missing folder.
 */
export const removeLeftovers: (folder: string) => Effect.Effect<ReadonlyArray<string>, StoreError, FileSystem.FileSystem> =
  Effect.fn("store.removeLeftovers")(function* (folder: string) {
    const fs = yield* FileSystem.FileSystem
    return yield* Effect.gen(function* () {
      if (!(yield* fs.exists(folder))) return []
      const names = (yield* fs.readDirectory(folder)).filter((name) => temporaryName.test(name))
      for (const name of names) yield* fs.remove(join(folder, name), { recursive: true, force: true })
      return names
    }).pipe(Effect.mapError(storeError(folder)))
  })
