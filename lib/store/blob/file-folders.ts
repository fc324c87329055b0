import { dirname, join } from "node:path"
import { Effect, FileSystem, type PlatformError } from "effect"
import { makeFolder } from "../make-folder.ts"

/** Makes names in a folder durable. Windows cannot open folders, and need not. */
const sync = (folder: string): Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem> =>
  process.platform === "win32"
    ? Effect.void
    : Effect.scoped(Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.flatMap(fs.open(folder), (handle) => handle.sync)))

/**
 * Keeps track of folders under a root: `make` makes one with all above it, durable by name from the root on; `sync` makes what was
 * put into it since durable.
 */
export const durableFolders = (root: string) => {
  const durable = new Set([root])
  const make: (folder: string) => Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem> = Effect.fnUntraced(
    function* (folder) {
      if (durable.has(folder)) return
      yield* makeFolder(folder)
      for (let inner = folder; !durable.has(inner) && inner !== dirname(inner); inner = dirname(inner))
        yield* sync(dirname(inner))
      durable.add(folder)
    }
  )
  return { make, sync, objects: join(root, ".objects") }
}
