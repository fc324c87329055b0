import { Effect, FileSystem, Path } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { sameFields } from "../../pipeline/samples.ts"
import { type Fields, fieldsText } from "../../tensor/field.ts"
import { DataError } from "../data-error.ts"
import { imageFields, plainFields } from "../sample-value.ts"
import { type ByteStore, inside, isRemote, openByteStore } from "../shards/byte-store.ts"
import { manifestName } from "../shards/manifest.ts"
import { openShardSet } from "../shards/open-shard-set.ts"
import { desktopFilesAmong } from "../sources/desktop-files.ts"
import { linesKind } from "../sources/lines-kind.ts"
import type { Location } from "../sources/location.ts"
import { ReadLists } from "../sources/read-lists.ts"
import { sniffFile } from "../sources/sniff-file.ts"
import { webDataset } from "../sources/web-dataset.ts"
import { areOfFolder, recordFolder } from "./record-folder.ts"
import { recordJson } from "./record-json.ts"
import { recordLines } from "./record-lines.ts"
import { recordParquet } from "./record-parquet.ts"
import { sharedRecords } from "./record-source.ts"
import { recordHead, recordTable } from "./record-table.ts"

/** Problem of data that does not state the fields of its samples, where no other fields are specified either. */
const unsaid = "no shard set, so the kind of its samples must be said: ?kind=labelled, texts, …"

/** Opens tars, whose samples can be images alone. */
const openTars = Effect.fnUntraced(function* (location: Location, fields: Fields, tars: readonly string[], store: ByteStore) {
  if (plainFields(fields).length === 0 && imageFields(fields).join() === "image")
    return yield* webDataset(location, tars, store, "images")
  const problem = `tars give image (bytes) and captions (strings), and ${fieldsText(fields)} is wanted; a list or shards may have them`
  return yield* new DataError({ file: location.name, problem })
})

/** Opens a file according to its first bytes. */
const openFile = Effect.fnUntraced(function* (location: Location, fields: Fields) {
  const { kind, text, isShardSet } = yield* sniffFile(location)
  if (isShardSet) return yield* openShardSet((yield* Path.Path).dirname(location.path))
  const refuse = (problem: string) => new DataError({ file: location.name, problem })
  if (Object.keys(fields).length === 0) return yield* refuse(unsaid)
  if (typeof kind === "object")
    return yield* refuse(`${kind.other}; expected a list (JSON, CSV, TSV), parquet, lines or a folder`)
  if (kind === "empty") return yield* refuse("an empty file")
  if (kind === "tar") return yield* openTars(location, fields, [location.path], openByteStore())
  if (kind === "parquet") return yield* recordParquet(location, fields, [location.path], openByteStore())
  if (kind === "json" || linesKind(text.lines) === "json") return yield* recordJson(location, fields, text)
  const head = recordHead(fields, location, text)
  if (typeof head !== "string") return yield* recordTable(location, fields, text, head)
  // A text is read by lines where only one field is wanted, and its value can be a line.
  const [field, ...others] = Object.values(fields)
  const isLine = field !== undefined && others.length === 0 && "value" in field && field.value.startsWith("string")
  return isLine ? yield* recordLines(location, fields, text) : yield* refuse(head)
})

const metadata = /(?:^|\/)metadata\.(?:jsonl|csv)(?:\.gz)?$/i

/** Opens the files in a folder or under a prefix: shards, tars, a list of images, Parquet, or images by themselves. */
const openNames = Effect.fnUntraced(function* (location: Location, fields: Fields, names: readonly string[], store: ByteStore) {
  if (names.includes(manifestName)) return yield* openShardSet(location.path, { store })
  if (Object.keys(fields).length === 0) return yield* new DataError({ file: location.name, problem: unsaid })
  const ending = (extension: string) => names.filter((name) => name.toLowerCase().endsWith(extension)).sort()
  const full = (some: readonly string[]) => some.map((name) => inside(location.path, name))
  const [tars, tables] = [ending(".tar"), ending(".parquet")]
  if (tars.length > 0) return yield* openTars(location, fields, full(tars), store)
  const [list] = names.filter((name) => metadata.test(name)).sort()
  if (list !== undefined && !isRemote(location.path))
    return yield* openFile({ ...location, path: inside(location.path, list) }, fields)
  if (tables.length > 0) return yield* recordParquet(location, fields, full(tables), store)
  if (!isRemote(location.path) && areOfFolder(fields)) return yield* recordFolder(location, fields, names)
  const problem = `a folder of ${names.length} names without shards, tars, parquet files or a list (metadata.jsonl, metadata.csv); ${fieldsText(fields)} is wanted`
  return yield* new DataError({ file: location.name, problem })
})

/**
 * Opens the data at a location as samples with some fields, other than pairs: the format is detected from the content, and the
 * place of each field from its name, or by `?FIELD=NAME`.
 */
export const openRecords = Effect.fn("data.openRecords")(function* (location: Location, fields: Fields) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const read = (yield* ReadLists).get(location.name)
  if (read !== undefined && "rows" in read && sameFields(read.fields, fields)) return yield* sharedRecords(read, location)
  const store = openByteStore()
  const refuse = (problem: string) => new DataError({ file: location.path, problem })
  if (isRemote(location.path)) {
    const listed = yield* store.list(location.path).pipe(Effect.mapError(({ problem }) => refuse(problem)))
    return yield* openNames(
      location,
      fields,
      listed.map(({ name }) => name),
      store
    )
  }
  const there = yield* fs.stat(location.path).pipe(Effect.mapError((cause) => refuse(`no such data: ${oneLine(cause)}`)))
  if (there.type !== "Directory") return yield* openFile(location, fields)
  const found = yield* fs
    .readDirectory(location.path, { recursive: true })
    .pipe(Effect.mapError((cause) => refuse(`unreadable: ${oneLine(cause)}`)))
  const all = path.sep === "/" ? found : found.map((name) => name.split(path.sep).join("/"))
  const desktopFile = desktopFilesAmong(all)
  return yield* openNames(
    location,
    fields,
    all.filter((name) => desktopFile(name) === undefined),
    store
  )
})
