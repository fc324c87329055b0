import { Effect } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { SampleError } from "../../pipeline/errors.ts"
import { type Blocks, blockOf } from "../../random/block-order.ts"
import type { ParquetFile } from "./parquet-file.ts"
import type { ImagesBeside } from "./parquet-paths.ts"
import { textOf } from "./parquet-texts.ts"
import { rowGroupCache } from "./row-groups.ts"

/** Maximum bytes of decoded images of row groups that are cached. */
const cacheBytes = 320 * 2 ** 20

/** Returns the bytes of a row group's images, once decoded. */
const groupBytes = (file: ParquetFile, group: number, column: string): number =>
  file.metadata.row_groups[group]!.columns.reduce(
    (sum, { meta_data }) => sum + (meta_data?.path_in_schema[0] === column ? Number(meta_data.total_uncompressed_size) : 0),
    0
  )

const hasPageIndex = (file: ParquetFile, group: number, column: string): boolean =>
  file.metadata.row_groups[group]!.columns.every(
    ({ meta_data, offset_index_offset }) => meta_data?.path_in_schema[0] !== column || offset_index_offset !== undefined
  )

/** Returns a member of an image's struct. */
export const memberIn = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && !(value instanceof Uint8Array) && Object.hasOwn(value, name)
    ? (value as { readonly [name: string]: unknown })[name]
    : undefined

/** Returns distinct names for files. */
export const fileNames = (files: readonly ParquetFile[]): readonly string[] => {
  const names = files.map(({ file }) => file.slice(file.lastIndexOf("/") + 1).replace(/\.parquet$/i, ""))
  return new Set(names).size === names.length ? names : files.map(({ file }) => file)
}

/**
 * The images in a column of Parquet files: read by pages where a file has an index of them, and otherwise by row groups, of which
 * some are cached: read in order, or by blocks, each is decoded once.
 */
export const parquetImages = (files: readonly ParquetFile[], column: string, beside: ImagesBeside) => {
  const cache = rowGroupCache(cacheBytes)
  const largest = Math.max(
    1,
    ...files.flatMap((file) => file.metadata.row_groups.map((_, group) => groupBytes(file, group, column)))
  )
  const byPages = files.every((file) => file.metadata.row_groups.every((_, group) => hasPageIndex(file, group, column)))
  const readValue = Effect.fnUntraced(function* (number: number, row: number) {
    const file = files[number]!
    const group = blockOf({ starts: file.groups, window: 1 }, row)
    if (hasPageIndex(file, group, column)) return (yield* file.rows([column], row, row + 1, true))[0]?.[column]
    const first = file.groups[group]!
    const read = file.rows([column], first, file.groups[group + 1]!)
    const values = Effect.map(read, (all) => all.map((each) => each[column]))
    return (yield* cache.get(`${number} ${group}`, groupBytes(file, group, column), values))[row - first]
  })
  return {
    /** Reads the image in a row of file number `file`, for the sample of an id. */
    read: Effect.fnUntraced(function* (id: string, file: number, row: number) {
      const value = yield* readValue(file, row).pipe(
        Effect.mapError((error) => new SampleError({ id, reason: `unreadable(${oneLine(error)})` }))
      )
      const bytes = value instanceof Uint8Array ? value : memberIn(value, "bytes")
      const path = textOf(memberIn(value, "path"))
      // As in Hugging Face's reader: bytes before the path, and without bytes the file at the path.
      return bytes instanceof Uint8Array ? bytes : yield* beside(id, file, path)
    }),
    /**
     * Returns the blocks of samples, each of as many as are cached, from the first sample of each row group and last the number
     * of samples.
     */
    blocks: (groups: readonly number[]): Blocks | undefined => {
      if (byPages) return undefined
      const starts = Float64Array.from(groups.filter((start, i) => i === groups.length - 1 || start < groups[i + 1]!))
      return { starts, window: Math.max(1, Math.floor(cacheBytes / largest)) }
    }
  }
}
