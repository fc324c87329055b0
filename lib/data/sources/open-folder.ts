import { posix } from "node:path"
import { Effect, FileSystem, Path } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { DataError } from "../data-error.ts"
import { joinIssues, type ReadIssue, readIssues } from "../read-issues.ts"
import { type ByteStore, inside } from "../shards/byte-store.ts"
import { openShardSet } from "../shards/open-shard-set.ts"
import type { Source } from "../source.ts"
import { desktopFile, desktopFilesAmong } from "./desktop-files.ts"
import { imageFolder, imagesWithText } from "./image-folder.ts"
import type { Location } from "./location.ts"
import { checkOptions, optionParts } from "./location.ts"
import { parquet } from "./parquet.ts"
import { webDataset } from "./web-dataset.ts"

/** The manifest of a shard set of this program, at the top of its folder. */
const manifest = "manifest.json"

const isManifest = (bytes: Uint8Array): boolean => Buffer.from(bytes).includes('"semmim-shards"')

/** Returns the files with some extension among names, in code-unit order. */
const ending = (names: readonly string[], extension: string): readonly string[] =>
  names.filter((name) => name.toLowerCase().endsWith(extension)).sort()

/**
 * Returns the Parquet files of a split, as Hugging Face names them (`train-00000-of-00010.parquet`, `train/0000.parquet`); all
 * where none has such a name.
 */
export const ofSplit = (names: readonly string[], split: string | undefined): readonly string[] => {
  const splits = /(?:^|\/)(train|validation|valid|val|test|dev)(?:[-_./]|$)/
  const wanted = (split ?? "train").split(",")
  const named = names.filter((name) => splits.test(name))
  if (named.length === 0 || wanted.includes("all")) return names
  return names.filter((name) => {
    const found = splits.exec(name)?.[1]
    return found !== undefined && wanted.includes(found)
  })
}

/** Returns the names of non-empty folders among the names in one. */
const foldersOf = (names: readonly string[]): ReadonlySet<string> =>
  new Set(names.flatMap((name) => (name.includes("/") ? [name.slice(0, name.lastIndexOf("/"))] : [])))

const endingOf = (name: string): string => /\.[A-Za-z0-9]{1,12}$/.exec(name)?.[0].toLowerCase() ?? "without ending"

const counted = (names: readonly string[]): string => {
  const kinds = new Map<string, number>()
  // A listing contains folders too.
  const folders = foldersOf(names)
  for (const name of names) {
    if (folders.has(name)) continue
    const kind = endingOf(name)
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
  }
  const most = [...kinds].sort((a, b) => b[1] - a[1]).slice(0, 5)
  return most.length === 0 ? "no files" : most.map(([kind, count]) => `${count} ${kind}`).join(", ")
}

/** The files of a folder except a desktop's own, and issues about those. */
interface OwnFiles {
  readonly names: readonly string[]
  readonly issues: readonly ReadIssue[]
}

const ownFiles = (all: readonly string[], desktopFile: (name: string) => string | undefined): OwnFiles => {
  const folders = foldersOf(all)
  const desktops: string[] = []
  const names = all.filter((name) => {
    const isOwn = desktopFile(name) === undefined
    if (!isOwn && !folders.has(name)) desktops.push(name)
    return isOwn
  })
  return { names, issues: ignored(desktops, (name) => desktopFile(name)!) }
}

/** Returns issues about files that are ignored, sorted by name, since the order in which a folder lists them is undefined. */
const ignored = (names: readonly string[], reasonOf: (name: string) => string): readonly ReadIssue[] => {
  const issues = readIssues()
  for (const name of [...names].sort()) issues.ignored(reasonOf(name), name)
  return issues.all()
}

/** Returns issues about files of a folder that were not opened, by extension. Names without one may be folders. */
const filesBeside = (names: readonly string[], opened: (name: string) => boolean): readonly ReadIssue[] => {
  const folders = foldersOf(names)
  const isFile = (name: string) => endingOf(name).startsWith(".") || /(?:^|\/)(?:README|LICENSE|LICENCE)$/i.test(name)
  const others = names.filter((name) => !opened(name) && !folders.has(name) && isFile(name))
  return ignored(others, (name) => `other file (${endingOf(name)})`)
}

const withIssues = (source: Source, ...more: ReadonlyArray<readonly ReadIssue[]>): Source => ({
  ...source,
  issues: joinIssues(source.issues, ...more)
})

/** Opens files by their names in a folder or under a prefix, except images with texts. */
const openFiles = Effect.fnUntraced(function* (location: Location, { names, issues }: OwnFiles, store: ByteStore) {
  const full = (some: readonly string[]) => some.map((name) => inside(location.path, name))
  if (names.includes(manifest)) {
    const bytes = yield* store
      .whole(inside(location.path, manifest))
      .pipe(Effect.mapError(({ location: file, problem }) => new DataError({ file, problem })))
    if (isManifest(bytes)) {
      yield* checkOptions(location, "a shard set", [])
      return yield* openShardSet(location.path, { store })
    }
  }
  const tars = ending(names, ".tar")
  if (tars.length === 0) return undefined
  const source = yield* webDataset(location, full(tars), store)
  return withIssues(
    source,
    issues,
    filesBeside(names, (name) => name.toLowerCase().endsWith(".tar"))
  )
})

const openTables = Effect.fnUntraced(function* (location: Location, { names, issues }: OwnFiles, store: ByteStore) {
  const all = ending(names, ".parquet")
  const chosen = ofSplit(all, location.options.get("split"))
  if (all.length === 0) return undefined
  if (chosen.length === 0) {
    const problem = `no parquet file of split ${location.options.get("split") ?? "train"} among ${all.length}; choose by ?split=`
    return yield* new DataError({ file: location.name, problem })
  }
  const bySplit = chosen.length < all.length || chosen.some((name) => ofSplit([name], "none").length === 0)
  // The files are of the split already: their rows need not state it.
  const options = new Map(location.options)
  if (bySplit) options.set("split", "all")
  const source = yield* parquet(
    { ...location, options },
    chosen.map((name) => inside(location.path, name)),
    store
  )
  // Images may be those to which the rows' paths refer.
  const used = new Set([...all, ...imagesWithText(names).alone])
  const others = readIssues()
  for (const name of all) if (!chosen.includes(name)) others.ignored("parquet file of another split", name)
  return withIssues(
    source,
    issues,
    others.all(),
    filesBeside(names, (name) => used.has(name))
  )
})

/** Pattern of the lists of images in Hugging Face's image folders. */
const metadata = /(?:^|\/)metadata\.(?:jsonl|csv)(?:\.gz)?$/i

/** Opens the only list of a folder's images, or that of the split that is chosen. */
const openMetadata = Effect.fnUntraced(function* <E, R>(location: Location, names: readonly string[], openFile: OpenFile<E, R>) {
  const lists = names.filter((name) => metadata.test(name)).sort()
  if (lists.length === 0) return undefined
  const split = location.options.get("split")
  const [chosen, ...others] = lists.length === 1 ? lists : ofSplit(lists, split)
  if (chosen === undefined || others.length > 0) {
    const problem = `${lists.length} lists of images, such as ${lists.slice(0, 3).join(", ")}: name one of them, or choose by ?split=`
    return yield* new DataError({ file: location.name, problem })
  }
  const options = new Map(location.options)
  // The list is of the split already.
  if (lists.length > 1) options.set("split", "all")
  const source = yield* openFile({ ...location, options, path: inside(location.path, chosen) })
  return withIssues(
    source,
    besideList(names, chosen, lists, source, [
      "images",
      ...optionParts(location, "images").map((each) => posix.normalize(`${each}/.`))
    ])
  )
})

/** Returns issues about files of a folder besides a list and the images that it names. */
const besideList = (
  names: readonly string[],
  chosen: string,
  lists: readonly string[],
  { count, id }: Source,
  inner: readonly string[]
): readonly ReadIssue[] => {
  const folder = chosen.slice(0, chosen.lastIndexOf("/") + 1)
  const listed = new Set<string>()
  for (let index = 0; index < count; index++) listed.add(posix.normalize(id(index).replaceAll("\\", "/")))
  const isListed = (name: string) => {
    if (!name.startsWith(folder)) return false
    const own = name.slice(folder.length)
    return listed.has(own) || inner.some((each) => own.startsWith(`${each}/`) && listed.has(own.slice(each.length + 1)))
  }
  const issues = readIssues()
  const all = new Set(lists)
  const images = new Set(imagesWithText(names).alone)
  for (const name of [...names].sort()) {
    if (all.has(name) && name !== chosen) issues.ignored("list of another split", name)
    else if (images.has(name) && !isListed(name)) issues.ignored("image that the list does not name", name)
  }
  return joinIssues(
    issues.all(),
    filesBeside(names, (name) => images.has(name) || all.has(name))
  )
}

const expected =
  "expected shards, .tar files, .parquet files, or images each with a .txt or .json beside it, or with metadata.jsonl or metadata.csv; a list is named itself"

/** Opens one file of any format. */
type OpenFile<E, R> = (location: Location) => Effect.Effect<Source, E, R>

/** Opens a folder: a shard set, tars, images with texts, parquet files, or images with a list of them, in this order. */
export const openFolder = Effect.fn("data.openFolder")(function* <E, R>(
  location: Location,
  store: ByteStore,
  openFile: OpenFile<E, R>
) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const found = yield* fs
    .readDirectory(location.path, { recursive: true })
    .pipe(Effect.mapError((cause) => new DataError({ file: location.path, problem: `unreadable: ${oneLine(cause)}` })))
  const all = path.sep === "/" ? found : found.map((name) => name.split(path.sep).join("/"))
  const files = ownFiles(all, desktopFilesAmong(all))
  const { names, issues } = files
  const opened = yield* openFiles(location, files, store)
  if (opened !== undefined) return opened
  const images = imagesWithText(names)
  if (images.names.length > 0) {
    const source = yield* imageFolder(location, images)
    const others = images.areAll(names.length - foldersOf(names).size) ? [] : filesBeside(names, images.isPart)
    return withIssues(source, issues, others)
  }
  const tables = yield* openTables(location, files, store)
  if (tables !== undefined) return tables
  const listed = yield* openMetadata(location, names, openFile)
  if (listed !== undefined) return withIssues(listed, issues)
  return yield* new DataError({ file: location.name, problem: `a folder with ${counted(names)}; ${expected}` })
})

/** Opens the objects under a prefix of a bucket: a shard set, tars, or Parquet files. */
export const openPrefix = Effect.fn("data.openPrefix")(function* (location: Location, store: ByteStore) {
  const listed = yield* store
    .list(location.path)
    .pipe(Effect.mapError(({ problem }) => new DataError({ file: location.name, problem })))
  const files = ownFiles(
    listed.map(({ name }) => name),
    desktopFile
  )
  const { names } = files
  const opened = (yield* openFiles(location, files, store)) ?? (yield* openTables(location, files, store))
  if (opened !== undefined) return opened
  const problem = `${counted(names)} under it; expected shards, .tar files or .parquet files`
  return yield* new DataError({ file: location.name, problem })
})
