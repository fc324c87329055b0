import { dirname } from "node:path"
import { Effect, FileSystem, type PlatformError } from "effect"

/**
 * Creates a folder and its parents, where they are missing; an existing one is left unchanged. Errors: the system's own, e.g.
 * where a file is in the way.
 * Node's own recursive form never ends where the system returns ENOENT under an existing folder, as /proc does, and dead mounts.
 */
export const makeFolder: (folder: string) => Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem> =
  Effect.fnUntraced(function* (folder: string) {
    const fs = yield* FileSystem.FileSystem
    const isFolder = (path: string) =>
      fs.stat(path).pipe(
        Effect.map(({ type }) => type === "Directory"),
        Effect.orElseSucceed(() => false)
      )
    const make = fs.makeDirectory(folder).pipe(
      // A folder that another process made meanwhile is a success too.
      Effect.catchIf(
        ({ reason }) => reason._tag === "AlreadyExists",
        (error) => Effect.flatMap(isFolder(folder), (there) => (there ? Effect.void : Effect.fail(error)))
      )
    )
    if (yield* isFolder(folder)) return
    const parent = dirname(folder)
    if (parent !== folder && !(yield* isFolder(parent))) yield* makeFolder(parent)
    yield* make
  })
