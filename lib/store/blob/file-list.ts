import { join } from "node:path"
import { Effect, type FileSystem, type PlatformError } from "effect"
import { isBlobKey } from "./blob-key.ts"

interface Entry {
  readonly name: string
  readonly folder: boolean
}

const codeUnits = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)

const entriesOf = (fs: FileSystem.FileSystem, folder: string): Effect.Effect<ReadonlyArray<Entry>, PlatformError.PlatformError> =>
  fs.readDirectoryEntries(folder).pipe(
    // A folder may be removed while it is listed; its entries are then gone too.
    Effect.catchIf(
      ({ reason }) => reason._tag === "NotFound",
      () => Effect.succeed([])
    ),
    Effect.map((found) =>
      found
        .filter(({ name, type }) => !name.startsWith(".") && (type === "Directory" || type === "SymbolicLink"))
        // Ordered like whole keys: a folder's entries come at the position of its name with a slash.
        .map(({ name, type }) => ({ name: type === "Directory" ? `${name}/` : name, folder: type === "Directory" }))
        .sort(codeUnits)
    )
  )

/**
 * Returns the keys under a root that start with a prefix and come after `after`, in order, at most `limit`: keys are symbolic
 * links, folders only lead to them. Folders that cannot hold any are not read.
 */
export const keysAfter = (
  fs: FileSystem.FileSystem,
  root: string,
  { prefix, after, limit }: { readonly prefix: string; readonly after: string; readonly limit: number }
): Effect.Effect<ReadonlyArray<string>, PlatformError.PlatformError> => {
  const keys: string[] = []
  const walk: (path: string) => Effect.Effect<void, PlatformError.PlatformError> = Effect.fnUntraced(function* (path) {
    for (const { name, folder } of yield* entriesOf(fs, join(root, path))) {
      if (keys.length === limit) return
      const key = path + name
      if (folder) {
        const holdsPrefix = key.startsWith(prefix) || prefix.startsWith(key)
        const holdsLater = key > after || after.startsWith(key)
        if (holdsPrefix && holdsLater) yield* walk(key)
      } else if (key.startsWith(prefix) && key > after && isBlobKey(key)) keys.push(key)
    }
  })
  return Effect.as(walk(""), keys)
}
