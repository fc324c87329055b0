import { Effect, Path } from "effect"
import { type FileMetaData, parquetSchema } from "hyparquet"
import type { Fields } from "../../tensor/field.ts"
import { DataError } from "../data-error.ts"
import { readIssues } from "../read-issues.ts"
import { imageFields } from "../sample-value.ts"
import type { ByteStore } from "../shards/byte-store.ts"
import { checkOptions, type Location } from "../sources/location.ts"
import { openParquet, type Row } from "../sources/parquet-file.ts"
import { fileNames, parquetImages } from "../sources/parquet-images.ts"
import { imagesBeside } from "../sources/parquet-paths.ts"
import { textOf } from "../sources/parquet-texts.ts"
import { wantedSplits } from "../sources/wanted-splits.ts"
import { membersOf } from "./record-members.ts"
import { recordRows } from "./record-rows.ts"
import { recordSource } from "./record-source.ts"

const rowsAtOnce = 16_384

/** Returns the class names of a column of numbers, as Hugging Face stores them in a file. */
const classNames = ({ key_value_metadata: notes = [] }: FileMetaData, column: string): readonly unknown[] | undefined => {
  const note = notes.find(({ key }) => key === "huggingface")?.value
  try {
    const names = JSON.parse(note ?? "null")?.info?.features?.[column]?.names
    return Array.isArray(names) ? names : undefined
  } catch {
    return undefined
  }
}

/** Returns a value of a column in its JSON form. */
const plainValue = (value: unknown): unknown => {
  if (typeof value === "bigint") return Number(value)
  if (Array.isArray(value)) return value.map(plainValue)
  return value instanceof Uint8Array ? textOf(value) : value
}

/**
 * Parquet files with a column for each field: images as bytes, as Hugging Face's struct of bytes and path, or as paths; all
 * others as numbers, texts and lists. Options: `?FIELD=COLUMN`, `split`, `images`.
 */
export const recordParquet = Effect.fn("data.recordParquet")(function* (
  location: Location,
  fields: Fields,
  names: readonly string[],
  store: ByteStore
) {
  yield* checkOptions(location, "parquet", ["split", "images", ...Object.keys(fields)])
  const refuse = (problem: string) => new DataError({ file: location.name, problem })
  const files = yield* Effect.forEach(names, (name) => openParquet(store, name), { concurrency: 4 })
  const path = yield* Path.Path
  const there = parquetSchema(files[0]!.metadata).children.map(({ element }) => element.name)
  const members = membersOf(fields, location, there)
  if (typeof members === "string") return yield* refuse(members)
  const [image, ...more] = imageFields(fields)
  if (more.length > 0)
    return yield* refuse(`parquet with ${more.length + 1} images a row is not read: prepare it as shards or a list`)
  const isPath = (value: unknown): value is string => typeof value === "string"
  const [splits, issues, all] = [wantedSplits(location), readIssues(), recordRows(fields)]
  const columns = [...members].flatMap(([field, column]) => (field === image ? [] : [column]))
  const hasSplit = there.includes("split")
  const labels = new Map(
    [...members].flatMap(([field, column]) => {
      const known = classNames(files[0]!.metadata, column)
      return known === undefined ? [] : [[field, known] as const]
    })
  )
  const column = image === undefined ? undefined : members.get(image)!
  const first = column === undefined ? undefined : (yield* files[0]!.rows([column], 0, 1))[0]?.[column]
  const byPath = isPath(first)
  const read = [...columns, ...(hasSplit ? ["split"] : []), ...(byPath ? [column!] : [])]
  const groups: number[] = []
  let rows = 0
  const take = (file: number, number: number, row: Row): undefined => {
    if (!splits.takes(hasSplit ? textOf(row["split"]) : undefined)) return undefined
    rows++
    const readField = (field: string): unknown => {
      if (field === image && !byPath) return `${file} ${number}`
      const value = plainValue(row[members.get(field)!])
      return typeof value === "number" && labels.has(field) ? labels.get(field)![value] : value
    }
    const wrong = all.add(readField, `${file} ${number}`)
    if (wrong !== undefined) issues.bad(wrong, files.length === 1 ? `row ${number}` : `${files[file]!.file}, row ${number}`)
  }
  for (const [number, file] of files.entries()) {
    for (let group = 0; group + 1 < file.groups.length; group++) {
      groups.push(all.count())
      const last = file.groups[group + 1]!
      for (let from = file.groups[group]!; from < last; from += rowsAtOnce) {
        const until = Math.min(last, from + rowsAtOnce)
        const some = read.length > 0 ? yield* file.rows(read, from, until) : Array.from({ length: until - from }, () => ({}))
        for (const [i, row] of some.entries()) take(number, from + i, row)
      }
    }
  }
  splits.tell(issues)
  const refusal = issues.refusal({ entries: rows, used: all.count() + splits.excluded(), noun: "rows" })
  if (refusal !== undefined) return yield* refuse(refusal)
  if (all.count() === 0) return yield* refuse(splits.nothing())
  const collected = all.done()
  const made = ["parquet", files.map(({ size, metadata }) => [size, metadata.metadata_length]), [...members], splits.names]
  const origin = { location, fields, ...collected, made, issues: issues.all(), base: path.dirname(files[0]!.file) }
  if (column === undefined || byPath) return yield* recordSource({ ...origin, candidates: [".", "images"] })
  const folders = files.map(({ file }) => path.dirname(file))
  const images = parquetImages(files, column, yield* imagesBeside(location, folders))
  const called = fileNames(files)
  const blocks = images.blocks([...groups, collected.rows.count])
  return yield* recordSource({
    ...origin,
    readImage: (id, name) => {
      const [file, row] = name.split(" ").map(Number)
      return images.read(id, file!, row!)
    },
    idOf: (name) => {
      const [file, row] = name.split(" ")
      return `${called[Number(file)]}/${row}`
    },
    ...(blocks ? { blocks } : {})
  })
})
