import { Effect, FileSystem, Path } from "effect"
import { DataError } from "../data-error.ts"
import { isUrl } from "./image-id.ts"
import type { Listing } from "./listing.ts"
import { type Location, optionParts } from "./location.ts"
import { splitId } from "./own-folders.ts"

/** Number of a list's images that are searched for, to find out which folder they are in. */
const probes = 24

/**
 * Returns the path of an image that a list names, under a folder; `undefined` for a name that leaves the folder, by `..` or by
 * being absolute, or that is not a name. Links in the folder are followed: they are the user's own.
 */
export const pathUnder = (path: Path.Path, folder: string, name: string): string | undefined => {
  if (name === "" || name.includes("\0")) return undefined
  const root = path.resolve(folder)
  const found = path.resolve(root, name)
  return found.startsWith(root.endsWith(path.sep) ? root : root + path.sep) ? found : undefined
}

/** Returns the folders that `?images=a,b` names: each relative to the list's folder, or else to the working folder. */
export const namedFolders = Effect.fnUntraced(function* (location: Location, base: string, named: readonly string[]) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return yield* Effect.forEach(named, (name) =>
    Effect.gen(function* () {
      const places = [path.resolve(base, name), path.resolve(name)]
      for (const place of places) {
        const isFolder = yield* Effect.orElseSucceed(
          Effect.map(fs.stat(place), ({ type }) => type === "Directory"),
          () => false
        )
        if (isFolder) return place
      }
      return yield* new DataError({ file: location.name, problem: `images=${name}: no such folder` })
    })
  )
})

/** Returns the places at which the image of an id may be: these folders, with this name. */
export type PlacesOf = (id: string) => { readonly folders: readonly string[]; readonly name: string }

/**
 * Finds the folders from which the images of a list in the folder `base` are read: those that `?images=` names, or those of
 * `candidates` (relative to the list's folder) that have some of 24 images spread over the list, most first. Where names begin
 * with one of several `prefixes`, the folders of each are relative to that one.
 *
 * Where none has any, returns the list's own folder, with a warning: each sample then reports the file that it lacks. A list of
 * which every image is outside all folders is a `DataError`.
 */
export const imageFolders = Effect.fn("data.imageFolders")(function* (
  location: Location,
  { images }: Pick<Listing, "images">,
  candidates: readonly string[],
  base: string,
  prefixes: readonly string[] = [""]
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const named = optionParts(location, "images")
  const split = splitId(prefixes)
  const foldersOf = new Map<string, readonly string[]>()
  for (const prefix of prefixes) {
    const own = prefix === "" ? base : path.join(base, prefix)
    foldersOf.set(
      prefix,
      named.length > 0 ? yield* namedFolders(location, own, named) : candidates.map((each) => path.join(own, each))
    )
  }
  const kinds = foldersOf.get(prefixes[0]!)!
  const places =
    (kept: readonly number[]): PlacesOf =>
    (id) => {
      const { prefix, name } = split(id)
      const folders = foldersOf.get(prefix)!
      return { folders: kept.map((kind) => folders[kind]!), name }
    }
  const all = places(kinds.map((_, kind) => kind))
  const count = Math.min(probes, images.count)
  const names = Array.from({ length: count }, (_, i) => images.at(Math.floor((i * images.count) / count))).filter(
    (name) => !isUrl(name)
  )
  // The few files of a list of URLs may be in any folder.
  if (names.length === 0) return all
  const paths = kinds.map((_, kind) =>
    names.flatMap((id) => {
      const { folders, name } = all(id)
      return pathUnder(path, folders[kind]!, name) ?? []
    })
  )
  if (paths.every((each) => each.length === 0)) {
    const problem = `images such as ${names[0]!.slice(0, 200)} are outside its folder; name theirs by ?images=FOLDER`
    return yield* new DataError({ file: location.name, problem })
  }
  if (named.length > 0) return all
  const there = (file: string) => Effect.orElseSucceed(Effect.as(fs.access(file), 1), () => 0)
  const hits = yield* Effect.forEach(paths, (each) =>
    Effect.map(Effect.forEach(each, there, { concurrency: 8 }), (found) => found.reduce((sum, one) => sum + one, 0))
  )
  const ranked = kinds.map((_, kind) => ({ kind, hits: hits[kind]! })).sort((a, b) => b.hits - a.hits)
  // With several prefixes, a folder may have images although none of those that were searched for is in it.
  if (ranked[0]!.hits > 0) return places(ranked.filter(({ hits }) => hits > 0 || prefixes.length > 1).map(({ kind }) => kind))
  yield* Effect.logWarning(`${location.name}: none of its images is in ${kinds.join(", ")}; name their folder by ?images=FOLDER`)
  return places([0])
})
