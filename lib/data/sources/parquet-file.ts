import { Effect } from "effect"
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from "hyparquet"
import { compressors } from "hyparquet-compressors"
import { oneLine } from "../../error/one-line.ts"
import { DataError } from "../data-error.ts"
import type { ByteStore } from "../shards/byte-store.ts"
import { decodeText } from "./text-encoding.ts"

const textOrBytes = (bytes: Uint8Array): string | Uint8Array => {
  const decoded = decodeText(bytes)
  return "text" in decoded ? decoded.text : bytes
}

/** A Parquet file whose footer has been read. */
export interface ParquetFile {
  readonly file: string
  readonly size: number
  readonly metadata: FileMetaData
  /** The first row of each row group, and last the number of rows. */
  readonly groups: readonly number[]
  /**
   * Reads columns of some rows, one object per row; binary values are bytes, texts are texts, or bytes where they are not UTF-8.
   */
  readonly rows: (
    columns: readonly string[],
    from: number,
    until: number,
    byPages?: boolean
  ) => Effect.Effect<readonly Row[], DataError>
}

/** A row: own properties only, of untrusted content. */
export interface Row {
  readonly [column: string]: unknown
}

/** Reads a file's footer. A file that is not Parquet, is encrypted or broken is a `DataError`. */
export const openParquet = Effect.fn("data.openParquet")(function* (store: ByteStore, file: string) {
  const broken = (cause: unknown) => new DataError({ file, problem: `unreadable parquet: ${oneLine(cause)}` })
  const size = yield* store.size(file).pipe(Effect.mapError(({ problem }) => new DataError({ file, problem })))
  const context = yield* Effect.context<never>()
  const buffer: AsyncBuffer = {
    byteLength: size,
    slice: async (start, end = size) => {
      const from = start < 0 ? Math.max(0, size + start) : Math.min(start, size)
      const length = Math.max(0, Math.min(end < 0 ? size + end : end, size) - from)
      const bytes = await Effect.runPromiseWith(context)(store.read(file, from, length))
      // hyparquet reads whole buffers, where a store may give a part of one.
      const { buffer, byteOffset, byteLength } = bytes
      return byteOffset === 0 && buffer.byteLength === byteLength && buffer instanceof ArrayBuffer ? buffer : bytes.slice().buffer
    }
  }
  const metadata = yield* Effect.tryPromise({
    try: () => parquetMetadataAsync(buffer, { geoparquet: false }),
    catch: broken
  })
  const groups = [0]
  for (const group of metadata.row_groups) groups.push(groups.at(-1)! + Number(group.num_rows))
  const rows: ParquetFile["rows"] = (columns, rowStart, rowEnd, useOffsetIndex = false) =>
    Effect.tryPromise({
      try: (): Promise<readonly Row[]> =>
        parquetReadObjects({
          ...{ file: buffer, metadata, columns: [...columns], rowStart, rowEnd, compressors },
          // A column of texts may contain bytes that are not: these are returned, never U+FFFD.
          parsers: { stringFromBytes: (bytes) => bytes && textOrBytes(bytes) },
          ...{ utf8: false, geoparquet: false, useOffsetIndex }
        }),
      catch: broken
    })
  return { file, size, metadata, groups, rows } satisfies ParquetFile
})
