import { Effect, Path } from "effect"
import { SampleError } from "../../pipeline/errors.ts"
import type { Blocks } from "../../random/block-order.ts"
import { sha256 } from "../../store/digest.ts"
import { type Fields, fieldsText } from "../../tensor/field.ts"
import { DataError } from "../data-error.ts"
import type { ReadIssue } from "../read-issues.ts"
import { imageFields, plainFields, readValue, valuesDigest, valueTexts } from "../sample-value.ts"
import { jsonDigest, type RawSample, type Source } from "../source.ts"
import { imageFolders } from "../sources/image-folders.ts"
import { imageId, isUrl } from "../sources/image-id.ts"
import type { Location } from "../sources/location.ts"
import { sampleFiles } from "../sources/read-image.ts"
import type { ReadRecords } from "../sources/read-lists.ts"
import { columnOf } from "../sources/text-column.ts"
import { fetchImage } from "../url/fetch-image.ts"
import type { RecordRow, RecordRows } from "./record-rows.ts"

/** Rows and settings from which a source is made. */
export interface RecordOrigin extends RecordRows {
  readonly location: Location
  readonly fields: Fields
  /** Everything that determines the rows, besides the fields. */
  readonly made: unknown
  readonly issues: readonly ReadIssue[]
  /** Folders that images may be in, relative to `base`. */
  readonly candidates?: readonly string[]
  /** The folder that those are relative to; the list's own by default. */
  readonly base?: string
  /** Reads an image by its name, where it is in no folder. */
  readonly readImage?: (id: string, name: string) => Effect.Effect<Uint8Array, SampleError>
  /** Returns a sample's id from the name of its first image; `imageId` by default. */
  readonly idOf?: (name: string) => string
  readonly blocks?: Blocks
}

/** Returns rows as a source of samples with their fields. Images are not cached. */
export const recordSource = Effect.fn("data.recordSource")(function* (origin: RecordOrigin) {
  const { location, fields, rows, names, made, issues, candidates = ["."] } = origin
  if (rows.count === 0) return yield* new DataError({ file: location.name, problem: `no sample with ${fieldsText(fields)}` })
  const base = origin.base ?? (yield* Path.Path).dirname(location.path)
  const [images, plain] = [imageFields(fields), plainFields(fields)]
  const files = yield* sampleFiles
  const inFolders = images.length > 0 && origin.readImage === undefined
  const placesOf = inFolders ? yield* imageFolders(location, { images: names }, candidates, base) : undefined
  const find = (id: string, name: string): Effect.Effect<Uint8Array, SampleError> => {
    if (origin.readImage) return origin.readImage(id, name)
    if (isUrl(name)) return fetchImage(name.trim()).pipe(Effect.mapError(({ reason }) => new SampleError({ id, reason })))
    const { folders, name: own } = placesOf!(name)
    return files.find(id, folders, own)
  }
  const rowAt = (index: number): RecordRow => JSON.parse(rows.at(index))
  const idOf = ([id]: RecordRow): string => (images.length === 0 ? id : (origin.idOf ?? imageId)(id))
  const valuesIn = ([, , given]: RecordRow) => {
    const values: Record<string, unknown> = {}
    for (const name of plain) {
      const read = readValue(fields[name]!, given[name])
      if ("value" in read) values[name] = read.value
    }
    return values
  }
  const sample = Effect.fnUntraced(function* (index: number) {
    const row = rowAt(index)
    const id = idOf(row)
    const read: Record<string, unknown> = { ...valuesIn(row), id, group: row[1] }
    for (const name of images) read[name] = yield* find(id, row[2][name] as string)
    return read as RawSample<Fields>
  })
  const shared: ReadRecords = { fields, rows: rows.data, names: names.data, made, issues, candidates, base }
  const source: Source<Fields> = {
    name: location.name,
    count: rows.count,
    fields,
    digest: jsonDigest(["records", 1, fieldsText(fields), made]),
    credits: [],
    issues,
    id: (index) => idOf(rowAt(index)),
    group: (index) => rowAt(index)[1],
    texts: (index, field) => Effect.sync(() => (plain.includes(field) ? valueTexts(valuesIn(rowAt(index))[field]) : [])),
    sample,
    sampleDigest: (index) =>
      images.length === 0
        ? Effect.sync(() => sha256(rows.at(index)))
        : Effect.map(sample(index), (each) => valuesDigest(fields, each)),
    ...(origin.readImage ? {} : { lists: new Map([[location.name, shared]]) }),
    ...(origin.blocks ? { blocks: origin.blocks } : {})
  }
  return source
})

/** Returns the source of rows that another thread has read. */
export const sharedRecords = ({ rows, names, ...rest }: ReadRecords, location: Location) =>
  recordSource({ ...rest, rows: columnOf(rows), names: columnOf(names), location })
