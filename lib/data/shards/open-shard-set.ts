import { Effect } from "effect"
import { SampleError } from "../../pipeline/errors.ts"
import { pairValues } from "../../pipeline/samples.ts"
import { blockOf } from "../../random/block-order.ts"
import type { Fields } from "../../tensor/field.ts"
import { DataError } from "../data-error.ts"
import { imageFields, valueTexts } from "../sample-value.ts"
import { jsonDigest, type RawSample, type Source, typedSource } from "../source.ts"
import { type ByteStore, inside, isRemote, openByteStore } from "./byte-store.ts"
import { manifestName, readGroups, readManifest, readShardList, type ShardList } from "./manifest.ts"
import { parseSampleJson } from "./sample-json.ts"
import { shardBlocks } from "./shard-blocks.ts"
import type { Range, ShardIndex } from "./shard-index.ts"
import { openIndexes, type ShardIndexes } from "./shard-indexes.ts"
import { verifyShard } from "./verify-shard.ts"

/** Options for reading a shard set. */
export interface ShardSetOptions {
  /** True to verify each shard's digest before its first sample is returned: reads each shard twice. */
  readonly verify?: boolean
  /** Source of bytes; a new store by default. */
  readonly store?: ByteStore
  /** True to train in an order of blocks of samples; by default, true for sets that are not on this machine. */
  readonly byBlocks?: boolean
}

/** Returns the folder of a shard set, whether the location is the folder or its manifest. */
const folderOf = (location: string): string =>
  (location.endsWith(`/${manifestName}`) ? location.slice(0, -manifestName.length) : location).replace(/(?<=[^/])\/+$/, "")

/** Shards that are missing, or are shorter or longer than the list states, with the reason. */
const brokenShards = ({ names, bytes }: ShardList, sizes: ReadonlyMap<string, number>): ReadonlyMap<number, string> =>
  new Map(
    names.flatMap((name, shard): [number, string][] => {
      const size = sizes.get(name)
      if (size === bytes[shard]) return []
      return [[shard, size === undefined ? `${name}: missing` : `${name}: ${size} of ${bytes[shard]} bytes`]]
    })
  )

/** Maximum distance in bytes between members that are read together. */
const nearby = 16 * 2 ** 10

/** Reads members of a sample, in one read where they lie close to each other. */
const readAll = Effect.fnUntraced(function* (store: ByteStore, file: string, ranges: readonly Range[]) {
  let [start, end, sizes] = [Number.POSITIVE_INFINITY, 0, 0]
  for (const { offset, size } of ranges) {
    start = Math.min(start, offset)
    end = Math.max(end, offset + size)
    sizes += size
  }
  if (end - start > sizes + nearby) return yield* Effect.forEach(ranges, ({ offset, size }) => store.read(file, offset, size))
  const bytes = yield* store.read(file, start, end - start)
  return ranges.map(({ offset, size }) => bytes.subarray(offset - start, offset - start + size))
})

/** Returns the reader of the samples of a set whose list and indexes are loaded. */
const sampleReader = (
  folder: string,
  list: ShardList,
  fields: Fields,
  indexes: ShardIndexes,
  { store, verify }: Required<Pick<ShardSetOptions, "store" | "verify">>
) => {
  const images = imageFields(fields)
  const failed = new Map<number, string>()
  const verified = new Map<number, Effect.Effect<string | undefined>>()
  const find = (position: number) => {
    const shard = blockOf({ starts: list.starts, window: 1 }, position)
    return { shard, sample: position - list.starts[shard]!, index: indexes.of(shard) }
  }
  const id = (position: number) => {
    const { shard, sample, index } = find(position)
    return typeof index === "string" ? `${list.names[shard]}#${sample}` : index.id(sample)
  }
  const problemOf = Effect.fnUntraced(function* (shard: number) {
    const known = failed.get(shard)
    if (known !== undefined || !verify) return known
    const check = verified.get(shard) ?? (yield* Effect.cached(verifyShard(store, folder, list, shard)))
    verified.set(shard, check)
    return yield* check
  })
  /** Runs a read of one sample; where its shard cannot be read, all of the shard's samples fail from then on. */
  const reading = Effect.fnUntraced(function* <A>(
    position: number,
    read: (file: string, index: ShardIndex, sample: number) => Effect.Effect<A, SampleError | { readonly problem: string }>
  ) {
    const { shard, sample, index } = find(position)
    const refuse = (problem: string) => new SampleError({ id: id(position), reason: `shard(${problem})` })
    if (typeof index === "string") return yield* refuse(index)
    const problem = yield* problemOf(shard)
    const name = list.names[shard]!
    if (problem !== undefined) return yield* refuse(`${name}: ${problem}`)
    const done = yield* Effect.result(read(inside(folder, name), index, sample))
    if (done._tag === "Success") return done.success
    if (done.failure instanceof SampleError) return yield* done.failure
    failed.set(shard, done.failure.problem)
    return yield* refuse(`${name}: ${done.failure.problem}`)
  })
  const said = Effect.fnUntraced(function* (position: number, json: Uint8Array) {
    const found = parseSampleJson(json, fields) ?? { reason: "corrupt(its JSON in the shard)" }
    return "reason" in found ? yield* new SampleError({ id: id(position), reason: found.reason }) : found
  })
  return {
    id,
    group: (position: number) => {
      const { sample, index } = find(position)
      return typeof index === "string" ? position : index.group(sample)
    },
    texts: (position: number, field: string) =>
      reading(position, (file, index, sample) => {
        const { offset, size } = index.json(sample)
        return Effect.flatMap(store.read(file, offset, size), (json) =>
          Effect.map(said(position, json), ({ values }) => valueTexts(values[field]))
        )
      }),
    sample: (position: number) =>
      reading(
        position,
        Effect.fnUntraced(function* (file, index, sample) {
          const ranges = images.map((_, n) => (n === 0 ? index.image(sample) : index.more(sample, n - 1)))
          const parts = yield* readAll(store, file, [...ranges, index.json(sample)])
          const { id, group, values } = yield* said(position, parts[images.length]!)
          const read: RawSample<Fields> = { ...values, id, group }
          return images.length === 0 ? read : { ...read, ...Object.fromEntries(images.map((name, n) => [name, parts[n]!])) }
        })
      ),
    digest: (position: number) => {
      const { shard, sample, index } = find(position)
      return jsonDigest([list.sha256[shard], typeof index === "string" ? sample : index.key(sample)])
    }
  }
}

/**
 * Opens the shard set in a folder, or under a prefix `s3://BUCKET/PREFIX`, as `semmim prepare` wrote it.
 *
 * The digest of the list of shards is verified. Shards that are missing or of another length are reported by their samples, each
 * a `SampleError` with the reason `shard(NAME: …)`, as are those of a shard that cannot be read later on, after the byte store's
 * attempts. Its samples have the fields that its manifest names, or are pairs where it names none; the type is that of pairs
 * (`openFor` returns that of others). Memory: two numbers per shard, and about 70 bytes per sample of the shards that were read.
 */
export const openShardSet = Effect.fn("data.openShardSet")(function* (location: string, options: ShardSetOptions = {}) {
  const folder = folderOf(location)
  const { verify = false, store = openByteStore(), byBlocks = isRemote(folder) } = options
  const manifest = yield* readManifest(store, folder)
  const list = yield* readShardList(store, folder, manifest)
  const listed = yield* store.list(folder).pipe(Effect.mapError(({ problem }) => new DataError({ file: folder, problem })))
  const sizes = new Map(listed.map(({ name, size }) => [name, size]))
  const broken = brokenShards(list, sizes)
  if (broken.size > 0)
    yield* Effect.logWarning(
      `${folder}: ${broken.size} of ${list.names.length} shards cannot be read: ${[...broken.values()][0]}`
    )
  const count = list.starts[list.names.length]!
  if (count === 0) return yield* new DataError({ file: folder, problem: "no sample in any shard" })
  const fields: Fields = manifest.fields ?? pairValues
  const indexes = yield* openIndexes(store, folder, list, sizes, broken, fields)
  const { id, texts, digest, ...read } = sampleReader(folder, list, fields, indexes, { store, verify })
  const groups = yield* readGroups(store, folder, manifest)
  const group = (position: number) => groups?.[position] ?? read.group(position)
  const sample = (position: number) =>
    groups === undefined
      ? read.sample(position)
      : Effect.map(read.sample(position), (each) => ({ ...each, group: groups[position]! }))
  const source: Source<Fields> = {
    name: location,
    count,
    ...(manifest.fields ? { fields } : {}),
    digest: jsonDigest(["semmim-shards", 1, manifest.sha256, ...(manifest.groups ? [manifest.groups.sha256] : [])]),
    credits: manifest.source?.credits ?? [],
    issues: [],
    madeFrom: manifest.source?.digest ?? "",
    id,
    group,
    texts,
    sample,
    sampleDigest: (position) => Effect.sync(() => digest(position)),
    ...(byBlocks ? { blocks: shardBlocks(list) } : {})
  }
  return typedSource(source)
})
