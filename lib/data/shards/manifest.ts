import { Effect, Schema } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { Field } from "../../pipeline/pipeline-data.ts"
import { sha256 as sha256Of } from "../../store/digest.ts"
import { DataError } from "../data-error.ts"
import { type ByteStore, inside } from "./byte-store.ts"

/** The file that makes a folder a shard set. */
export const manifestName = "manifest.json"

/** The file of merged groups of samples, where some are of one image. */
export const groupsName = "groups.bin"

const Hex = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/))
const Natural = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))
/** A file's name in the folder itself: no path. */
const FileName = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/))

const Work = Schema.Struct({ name: Schema.String, author: Schema.String, licence: Schema.String, url: Schema.String })

/** The part of a manifest that is read; it may contain more. */
export const ShardManifest = Schema.Struct({
  format: Schema.Literals(["semmim-shards"]),
  version: Schema.Literals([1]),
  shards: Schema.Struct({ count: Natural, bytes: Natural, samples: Natural }),
  /** The source from which the shards were made, and its credits. */
  source: Schema.optionalKey(
    Schema.Struct({ credits: Schema.optionalKey(Schema.Array(Work)), digest: Schema.optionalKey(Schema.String) })
  ),
  /** The fields of its samples beside `id` and `group`; absent for pairs, and in all sets of earlier versions. */
  fields: Schema.optionalKey(Schema.Record(Schema.String, Field)),
  list: FileName,
  sha256: Hex,
  /** File with the group of each sample, where samples of one image share one: a number of 32 bits per sample, in their order. */
  groups: Schema.optionalKey(Schema.Struct({ name: FileName, sha256: Hex }))
})
export type ShardManifest = typeof ShardManifest.Type

/** One shard, as its line of the list states it. */
export const ShardLine = Schema.Struct({ name: FileName, samples: Natural, bytes: Natural, sha256: Hex })

/** The shards of a set, by number: columns rather than an object each. */
export interface ShardList {
  readonly names: readonly string[]
  readonly sha256: readonly string[]
  readonly bytes: Float64Array
  /** The position of each shard's first sample in the set, and last the number of samples. */
  readonly starts: Float64Array
}

/** Reads the manifest of the shard set in a folder or under a prefix. */
export const readManifest = Effect.fn("data.readManifest")(function* (store: ByteStore, folder: string) {
  const file = inside(folder, manifestName)
  const refuse = (problem: string) => new DataError({ file, problem })
  const bytes = yield* store.whole(file).pipe(Effect.mapError(({ problem }) => refuse(problem)))
  const json = yield* Effect.try({
    try: (): unknown => JSON.parse(new TextDecoder().decode(bytes)),
    catch: () => refuse("no JSON")
  })
  return yield* Schema.decodeUnknownEffect(ShardManifest)(json).pipe(
    Effect.mapError((cause) => refuse(`no manifest of shards: ${oneLine(cause)}`))
  )
})

/** Reads the list of shards that a manifest names; one with another digest or other totals is an error. */
export const readShardList = Effect.fn("data.readShardList")(function* (
  store: ByteStore,
  folder: string,
  { list, sha256, shards }: ShardManifest
) {
  const file = inside(folder, list)
  const refuse = (problem: string) => new DataError({ file, problem })
  const bytes = yield* store.whole(file).pipe(Effect.mapError(({ problem }) => refuse(problem)))
  const found = sha256Of(bytes)
  if (found !== sha256) return yield* refuse(`sha256 ${found.slice(0, 12)}…, where the manifest says ${sha256.slice(0, 12)}…`)
  const lines = new TextDecoder()
    .decode(bytes)
    .split("\n")
    .filter((line) => line !== "")
  const known = { names: [] as string[], sha256: [] as string[], bytes: new Float64Array(lines.length) }
  const starts = new Float64Array(lines.length + 1)
  const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(ShardLine))
  for (const [n, line] of lines.entries()) {
    const shard = yield* decode(line).pipe(Effect.mapError((cause) => refuse(`line ${n + 1} is no shard: ${oneLine(cause)}`)))
    known.names.push(shard.name)
    known.sha256.push(shard.sha256)
    known.bytes[n] = shard.bytes
    starts[n + 1] = starts[n]! + shard.samples
  }
  const total = starts[lines.length]!
  if (lines.length !== shards.count || total !== shards.samples)
    return yield* refuse(
      `${lines.length} shards of ${total} samples, where the manifest says ${shards.count} of ${shards.samples}`
    )
  return { ...known, starts } satisfies ShardList
})

/** Reads the groups of a set's samples, where its manifest names a file of them; one of another digest or length is an error. */
export const readGroups = Effect.fn("data.readGroups")(function* (
  store: ByteStore,
  folder: string,
  { groups, shards }: ShardManifest
) {
  if (groups === undefined) return undefined
  const file = inside(folder, groups.name)
  const refuse = (problem: string) => new DataError({ file, problem })
  const bytes = yield* store.whole(file).pipe(Effect.mapError(({ problem }) => refuse(problem)))
  const found = sha256Of(bytes)
  if (found !== groups.sha256)
    return yield* refuse(`sha256 ${found.slice(0, 12)}…, where the manifest says ${groups.sha256.slice(0, 12)}…`)
  if (bytes.length !== 4 * shards.samples)
    return yield* refuse(`${bytes.length} bytes, where ${shards.samples} samples take ${4 * shards.samples}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Uint32Array.from({ length: shards.samples }, (_, sample) => view.getUint32(4 * sample, true))
})
