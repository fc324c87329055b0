import { dirname, join } from "node:path"
import { Deferred, Effect, FileSystem, type PlatformError, Semaphore } from "effect"
import { makeFolder } from "../make-folder.ts"

type Flush = Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem>

/** Makes names in a folder durable. Windows cannot open folders, and does not need it. */
const flushFolder = (folder: string): Flush =>
  process.platform === "win32"
    ? Effect.void
    : Effect.scoped(Effect.flatMap(FileSystem.FileSystem, (fs) => Effect.flatMap(fs.open(folder), (handle) => handle.sync)))

/**
 * Shares a flush among callers, one flush after another. Callers during a flush, which may have started before their name was
 * there, share the next one.
 */
const shared = (flush: Flush): Flush => {
  const turn = Semaphore.makeUnsafe(1)
  let next: Deferred.Deferred<void, PlatformError.PlatformError> | undefined
  return Effect.suspend(() => {
    if (next) return Deferred.await(next)
    const own = Deferred.makeUnsafe<void, PlatformError.PlatformError>()
    next = own
    const started = Effect.suspend(() => {
      next = undefined
      return flush
    })
    return turn
      .withPermits(1)(started)
      .pipe(
        Effect.onExit((exit) => Deferred.done(own, exit)),
        Effect.uninterruptible
      )
  })
}

/**
 * Tracks folders under a root: `make` creates one with all its parents, durable by name from the root on; `sync` makes entries
 * added to it since durable; `isDurable` returns true for a folder made or found before.
 */
export const durableFolders = (root: string) => {
  const durable = new Set([root])
  const flushes = new Map<string, Flush>()
  const sync = (folder: string): Flush => {
    const known = flushes.get(folder) ?? shared(flushFolder(folder))
    flushes.set(folder, known)
    return known
  }
  const make: (folder: string) => Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem> = Effect.fnUntraced(
    function* (folder) {
      if (durable.has(folder)) return
      yield* makeFolder(folder)
      for (let inner = folder; !durable.has(inner) && inner !== dirname(inner); inner = dirname(inner))
        yield* sync(dirname(inner))
      durable.add(folder)
    }
  )
  return { make, sync, isDurable: (folder: string) => durable.has(folder), objects: join(root, ".objects") }
}
