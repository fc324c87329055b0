import { Effect, Path } from "effect"
import { SampleError } from "../../pipeline/errors.ts"
import { DataError } from "../data-error.ts"
import { type ReadIssue, readIssues } from "../read-issues.ts"
import type { ByteStore } from "../shards/byte-store.ts"
import { contentDigest, jsonDigest, type RawSample, type Source, textsIn } from "../source.ts"
import { listSource } from "./list-source.ts"
import { listing } from "./listing.ts"
import { checkOptions, type Location } from "./location.ts"
import { type ParquetColumns, parquetColumns } from "./parquet-columns.ts"
import { openParquet, type ParquetFile } from "./parquet-file.ts"
import { fileNames, memberIn, parquetImages } from "./parquet-images.ts"
import { foldersOfFiles, type ImagesBeside, imagesBeside } from "./parquet-paths.ts"
import { type ParquetRows, parquetRows } from "./parquet-rows.ts"
import { encodingOption } from "./text-encoding.ts"
import { wantedSplits } from "./wanted-splits.ts"

/** True where a column of structs has no bytes at all, according to the file's statistics: then it has paths. */
const isPathOnly = (files: readonly ParquetFile[], { image, imageKind }: ParquetColumns): boolean =>
  imageKind === "struct" &&
  files.every((file) =>
    file.metadata.row_groups.every((group) =>
      group.columns.every(({ meta_data }) => {
        if (meta_data?.path_in_schema[0] !== image || meta_data.path_in_schema[1] !== "bytes") return true
        return meta_data.statistics?.null_count === meta_data.num_values
      })
    )
  )

const withBytes = (
  location: Location,
  files: readonly ParquetFile[],
  columns: ParquetColumns,
  rows: ParquetRows,
  beside: ImagesBeside,
  made: unknown,
  issues: readonly ReadIssue[]
): Source => {
  const names = fileNames(files)
  const images = parquetImages(files, columns.image, beside)
  const id = (index: number) => `${names[rows.file(index)]}/${rows.row(index)}`
  const captions = Effect.fnUntraced(function* (index: number) {
    const texts = rows.captions(index)
    return texts.length > 0 ? texts : yield* new SampleError({ id: id(index), reason: "no-caption" })
  })
  const sample = Effect.fnUntraced(function* (index: number) {
    const texts = yield* captions(index)
    const image = yield* images.read(id(index), rows.file(index), rows.row(index))
    return { id: id(index), group: index, image, captions: texts } satisfies RawSample
  })
  const blocks = images.blocks(rows.groups)
  return {
    name: location.name,
    count: rows.count,
    digest: jsonDigest(["parquet", 1, made]),
    credits: [],
    issues,
    id,
    group: (index) => index,
    texts: textsIn("captions", captions),
    sample,
    sampleDigest: (index) => Effect.map(sample(index), (each) => contentDigest(each.image, each.captions)),
    // Row groups are decoded whole: the blocks of the training order are as many as are cached.
    ...(blocks ? { blocks } : {})
  }
}

/**
 * Parquet files with a column of images, as bytes, as Hugging Face's struct of bytes and path, or as paths, and one of captions,
 * a text or a list of texts. A path is relative to the Parquet file's folder, or to the one that `?images=` names, and never
 * leads out of it. Options: `image`, `caption`, `split` (of a column `split`), `images` (folder of the paths), `encoding` (of
 * texts that are not UTF-8).
 *
 * Captions are read when the source is opened. Images are read by pages where a file has an index of them, and otherwise by row
 * groups, of which some are cached: read in order, or by the source's blocks, each is decoded once.
 */
export const parquet = Effect.fn("data.parquet")(function* (location: Location, names: readonly string[], store: ByteStore) {
  yield* checkOptions(location, "parquet", ["image", "caption", "split", "images", "encoding"])
  const encoding = yield* encodingOption(location)
  const path = yield* Path.Path
  const files = yield* Effect.forEach(names, (name) => openParquet(store, name), { concurrency: 4 })
  const columns = parquetColumns(files[0]!.metadata, location)
  if (typeof columns === "string") return yield* new DataError({ file: files[0]!.file, problem: columns })
  for (const file of files.slice(1)) {
    const others = parquetColumns(file.metadata, location)
    if (JSON.stringify(others) === JSON.stringify(columns)) continue
    const problem = typeof others === "string" ? others : `other columns than ${files[0]!.file}`
    return yield* new DataError({ file: file.file, problem })
  }
  const folders = files.map(({ file }) => path.dirname(file))
  const own = yield* foldersOfFiles(location, folders)
  const [splits, issues] = [wantedSplits(location), readIssues()]
  const ofPaths = columns.imageKind === "path" || isPathOnly(files, columns)
  const all = listing()
  const add = (image: string, captions: readonly string[]) => {
    const place = all.place(image)
    for (const each of captions) all.caption(place, each)
  }
  const of = (value: unknown) => (columns.imageKind === "path" ? value : memberIn(value, "path"))
  const wanted = { paths: ofPaths ? { of, idOf: own.idOf, add } : undefined, encoding }
  const rows = yield* parquetRows(files, columns, splits, issues, wanted)
  splits.tell(issues)
  const made = [files.map(({ size, metadata }) => [size, metadata.metadata_length]), columns, splits.names, rows.digest]
  const isEncoding = encoding === undefined && issues.all()[0]?.reason.endsWith(" is not UTF-8")
  const hint = isEncoding ? "name the texts' encoding by ?encoding=, as ?encoding=windows-1252" : undefined
  const used = ofPaths ? all.count() : rows.count
  const refusal = issues.refusal({
    entries: rows.rows,
    used: (used > 0 ? rows.withText : 0) + splits.excluded(),
    noun: "rows",
    hint
  })
  if (refusal !== undefined) return yield* new DataError({ file: location.name, problem: refusal })
  if (used === 0) return yield* new DataError({ file: location.name, problem: splits.nothing() })
  if (!ofPaths) {
    const beside = yield* imagesBeside(location, folders)
    return withBytes(location, files, columns, rows, beside, made, issues.all())
  }
  return yield* listSource({
    ...{ location, listing: all.done(), made: ["parquet", made], candidates: [".", "images"] },
    ...{ base: own.base, prefixes: own.prefixes, issues: issues.all() }
  })
})
