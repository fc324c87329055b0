import type { Path } from "effect"
import { isRemote } from "../shards/byte-store.ts"
import { isUrl } from "./image-id.ts"

/** The folders of several files whose rows name images by paths, each from its own file's folder. */
export interface OwnFolders {
  /** The common parent of all folders. */
  readonly base: string
  /** Each folder once, relative to `base`; only `""` where all files are in one. */
  readonly prefixes: readonly string[]
  /** Returns the id of an image that a file names, unique among all files: files of different folders share no id. */
  readonly idOf: (file: number, name: string) => string
}

/** Returns the separator between a folder and a name in it: where folders are nested, one that no folder's path contains. */
const separatorOf = (prefixes: readonly string[]): string => {
  const all = new Set(prefixes)
  const parentsOf = (prefix: string) => prefix.split("/").map((_, i, parts) => parts.slice(0, i).join("/"))
  return prefixes.some((prefix) => prefix !== "" && parentsOf(prefix).some((parent) => all.has(parent))) ? "/./" : "/"
}

const idIn = (prefix: string, separator: string, name: string): string =>
  prefix === "" ? `${separator.slice(1)}${name}` : `${prefix}${separator}${name}`

/** Returns the folders of some files, by file. */
export const ownFolders = (path: Path.Path, folders: readonly string[]): OwnFolders => {
  const parts = folders.map((folder) => (isRemote(folder) ? folder.split("/") : path.resolve(folder).split(path.sep)))
  const [first = []] = parts
  if (new Set(folders).size <= 1) return { base: folders[0] ?? ".", prefixes: [""], idOf: (_, name) => name }
  let shared = first.length
  for (const each of parts) while (each.slice(0, shared).some((part, i) => part !== first[i]) || each.length < shared) shared--
  const own = parts.map((each) => each.slice(shared).join("/"))
  const prefixes = [...new Set(own)]
  const separator = separatorOf(prefixes)
  return {
    base: first.slice(0, shared).join("/") || "/",
    prefixes,
    idOf: (file, name) => (isUrl(name) || prefixes.length === 1 ? name : idIn(own[file]!, separator, name))
  }
}

/** Splits the id of an image into the folder and the name in it. */
export const splitId = (prefixes: readonly string[]) => {
  const all = new Set(prefixes)
  const separator = separatorOf(prefixes)
  return (id: string): { readonly prefix: string; readonly name: string } => {
    if (prefixes.length === 1) return { prefix: prefixes[0]!, name: id }
    if (separator === "/./" && id.startsWith("./")) return { prefix: "", name: id.slice(2) }
    for (let at = id.indexOf(separator); at >= 0; at = id.indexOf(separator, at + 1))
      if (all.has(id.slice(0, at))) return { prefix: id.slice(0, at), name: id.slice(at + separator.length) }
    return { prefix: prefixes[0]!, name: id }
  }
}
