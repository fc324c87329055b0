import { dirname } from "node:path"
import { Effect, FileSystem, type PlatformError } from "effect"

/**
 * Makes a folder and those it is in, where they are missing; one that is there is left as it is. Errors: the system's own, e.g. where
 * a file is in the way.
 *
 * Node's own recursive form never ends where the system says ENOENT under a folder that is there, as /proc does, and dead mounts.
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
      // Made meanwhile by someone else, it is as good.
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
