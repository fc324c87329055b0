import { Effect, FileSystem, Path, Schema } from "effect"
import { SampleError } from "../pipeline/errors.ts"
import { DataError, oneLine } from "./data-error.ts"
import { contentDigest, jsonDigest, type RawSample, type Source } from "./source.ts"

/** Files larger than this are not read: 64 MiB. */
export const largestFile = 64 * 2 ** 20

/** Where a sample's picture and its captions are. */
interface Entry {
  readonly id: string
  readonly group: number
  readonly picture: string
  readonly captions: readonly string[] | { readonly file: string }
}

const List = Schema.Array(
  Schema.Struct({ image: Schema.NonEmptyString, caption: Schema.Union([Schema.String, Schema.Array(Schema.String)]) })
)

const read = (files: FileSystem.FileSystem, id: string, path: string) =>
  Effect.gen(function* () {
    const { type, size } = yield* files.stat(path)
    // A pipe or a device would be read for ever.
    if (type !== "File") return yield* new SampleError({ id, reason: `not-a-file(${type})` })
    if (Number(size) > largestFile) return yield* new SampleError({ id, reason: `too-large(${Number(size)} bytes)` })
    return yield* files.readFile(path)
  }).pipe(
    Effect.catchTag("PlatformError", (error) => Effect.fail(new SampleError({ id, reason: `unreadable(${oneLine(error)})` })))
  )

const fromEntries = (files: FileSystem.FileSystem, name: string, entries: readonly Entry[]): Source => {
  const captionsOf = Effect.fnUntraced(function* (index: number) {
    const { id, captions } = entries[index]!
    const texts = "file" in captions ? new TextDecoder().decode(yield* read(files, id, captions.file)).split(/\r?\n/) : captions
    const kept = texts.filter((text) => text.trim() !== "")
    return kept.length > 0 ? kept : yield* new SampleError({ id, reason: "no-caption" })
  })
  const sample = Effect.fnUntraced(function* (index: number) {
    const { id, group, picture } = entries[index]!
    const captions = yield* captionsOf(index)
    return { id, group, picture: yield* read(files, id, picture), captions } satisfies RawSample
  })
  return {
    name,
    count: entries.length,
    digest: jsonDigest(["folder", 1, entries]),
    credits: [],
    id: (index) => entries[index]!.id,
    group: (index) => entries[index]!.group,
    captions: captionsOf,
    sample,
    sampleDigest: (index) => Effect.map(sample(index), ({ picture, captions }) => contentDigest(picture, captions))
  }
}

/**
 * A JSON list `[{ "image": path, "caption": text or texts }, …]`; paths are relative to the list.
 *
 * An id is the path as written, with `#2`, `#3`, … for further entries of the same picture, which share a group.
 */
const fromList = Effect.fn("data.fromList")(function* (files: FileSystem.FileSystem, path: Path.Path, list: string) {
  const problem = (what: string) => (cause: unknown) => new DataError({ file: list, problem: `${what}: ${oneLine(cause)}` })
  const text = yield* files.readFileString(list).pipe(Effect.mapError(problem("unreadable")))
  const json = yield* Effect.try({ try: (): unknown => JSON.parse(text), catch: problem("no JSON") })
  const items = yield* Schema.decodeUnknownEffect(List)(json).pipe(Effect.mapError(problem("not a list of image and caption")))
  const groups = new Map<string, { readonly group: number; seen: number }>()
  return items.map(({ image, caption }): Entry => {
    const known = groups.get(image) ?? { group: groups.size, seen: 0 }
    known.seen++
    groups.set(image, known)
    const id = known.seen === 1 ? image : `${image}#${known.seen}`
    const picture = path.resolve(path.dirname(list), image)
    return { id, group: known.group, picture, captions: typeof caption === "string" ? [caption] : caption }
  })
})

/** A folder of pictures, at any depth, each with a text file of the same name beside it: one caption a line. */
const fromFolder = Effect.fn("data.fromFolder")(function* (files: FileSystem.FileSystem, path: Path.Path, folder: string) {
  const names = yield* files
    .readDirectory(folder, { recursive: true })
    .pipe(Effect.mapError((cause) => new DataError({ file: folder, problem: `unreadable: ${oneLine(cause)}` })))
  const known = new Set(names)
  const pictures = names.filter((name) => /\.(jpe?g|png|webp)$/i.test(name)).sort()
  const entries = pictures.flatMap((name): Entry[] => {
    const text = name.replace(/\.[^.]+$/, ".txt")
    if (!known.has(text)) return []
    return [{ id: name, group: 0, picture: path.join(folder, name), captions: { file: path.join(folder, text) } }]
  })
  const without = pictures.length - entries.length
  if (without > 0) yield* Effect.logWarning(`${folder}: ${without} of ${pictures.length} pictures have no .txt beside them`)
  return entries.map((entry, group) => ({ ...entry, group }))
})

/** The source that a path names: a `.json` list or a folder; an empty one is an error. Pictures are read when asked for. */
export const folderSource = Effect.fn("data.folderSource")(function* (location: string) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { type } = yield* files
    .stat(location)
    .pipe(Effect.mapError((cause) => new DataError({ file: location, problem: `no such data: ${oneLine(cause)}` })))
  const entries = yield* type === "Directory" ? fromFolder(files, path, location) : fromList(files, path, location)
  if (entries.length === 0) return yield* new DataError({ file: location, problem: "no picture with a caption" })
  return fromEntries(files, location, entries)
})
