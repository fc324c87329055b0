import { Effect, Option, Schedule, Stream } from "effect"
import { type BlockCache, blockCache } from "./block-cache.ts"
import type { ByteError } from "./byte-error.ts"
import type { ByteReader } from "./byte-reader.ts"
import { localBytes } from "./local-bytes.ts"
import { s3Bytes, s3Scheme } from "./s3-bytes.ts"

/** Settings for reading files and objects. */
export interface ByteStoreSettings {
  /** Maximum bytes of remote objects that are cached, over all objects. */
  readonly cacheBytes: number
  /** Bytes of a piece: remote objects are read in pieces, also where a file is read as a whole. */
  readonly blockBytes: number
  /** Number of pieces read ahead of their use. */
  readonly ahead: number
  /** Retries after the first attempt, for transient errors: with jitter, after 0.1 s, 0.2 s, 0.4 s … each. */
  readonly retries: number
}

export const byteStoreDefaults: ByteStoreSettings = { cacheBytes: 320 * 2 ** 20, blockBytes: 4 * 2 ** 20, ahead: 2, retries: 5 }

/**
 * Reads bytes of local files, and of objects in S3 written `s3://BUCKET/KEY`. Transient errors are retried; ranges of objects
 * come from a cache of bounded size.
 */
export interface ByteStore extends ByteReader {
  /** Streams the bytes of a file in order, from byte `from` on, read ahead of their use. */
  readonly stream: (location: string, from?: number) => Stream.Stream<Uint8Array, ByteError>
  /** Reads a whole small file: a manifest, a list. */
  readonly whole: (location: string) => Effect.Effect<Uint8Array, ByteError>
  /** Returns the number of bytes in the cache. */
  readonly cached: () => number
}

/** True where a location is not on this machine. */
export const isRemote = (location: string): boolean => location.startsWith(s3Scheme)

/** Returns a location in a folder or under a prefix. */
export const inside = (folder: string, name: string): string => `${folder.replace(/\/+$/, "")}/${name}`

const firstWait = "100 millis"

const persistent = (retries: number) => {
  const schedule = Schedule.exponential(firstWait).pipe(Schedule.jittered)
  return <A>(effect: Effect.Effect<A, ByteError>) =>
    Effect.retry(effect, { schedule, times: retries, while: (error) => error.transient })
}

/** Reads ranges of remote objects by whole pieces of `blockBytes`, through a cache. */
const throughCache = (
  size: ByteReader["size"],
  read: ByteReader["read"],
  cache: BlockCache,
  { blockBytes, ahead }: ByteStoreSettings
): ByteReader["read"] => {
  const sizes = new Map<string, number>()
  const sizeOf = Effect.fnUntraced(function* (location: string) {
    const known = sizes.get(location) ?? (yield* size(location))
    sizes.set(location, known)
    return known
  })
  return Effect.fnUntraced(function* (location, from, length) {
    if (length === 0) return new Uint8Array(0)
    const total = yield* sizeOf(location)
    // A range beyond the end is read directly, so that the error states the end.
    if (from + length > total) return yield* read(location, from, length)
    const block = (n: number) =>
      [`${location} ${n}`, read(location, n * blockBytes, Math.min(blockBytes, total - n * blockBytes))] as const
    const first = Math.floor(from / blockBytes)
    const last = Math.floor((from + length - 1) / blockBytes)
    const parts = yield* Effect.forEach(
      Array.from({ length: last - first + 1 }, (_, i) => first + i),
      (n) => cache.get(...block(n)),
      { concurrency: 4 }
    )
    for (let n = last + 1; n <= last + ahead && n * blockBytes < total; n++) yield* cache.ahead(...block(n))
    const start = from - first * blockBytes
    if (parts.length === 1) return parts[0]!.subarray(start, start + length)
    const joined = new Uint8Array(length)
    parts.forEach((part, i) => {
      const at = i * blockBytes - start
      joined.set(at < 0 ? part.subarray(-at, length - at) : part.subarray(0, length - at), Math.max(0, at))
    })
    return joined
  })
}

/** Opens a store; `readers` are given by tests. */
export const openByteStore = (
  given: Partial<ByteStoreSettings> = {},
  readers: { readonly local: ByteReader; readonly remote: ByteReader } = { local: localBytes(), remote: s3Bytes() }
): ByteStore => {
  const settings = { ...byteStoreDefaults, ...given }
  const cache = blockCache(settings.cacheBytes)
  const again = persistent(settings.retries)
  const of = (location: string) => (isRemote(location) ? readers.remote : readers.local)
  const size = (location: string) => again(of(location).size(location))
  const once = (location: string, from: number, length: number) => again(of(location).read(location, from, length))
  const cached = throughCache(size, once, cache, settings)
  return {
    size,
    list: (folder) => again(of(folder).list(folder)),
    read: (location, from, length) => (isRemote(location) ? cached : once)(location, from, length),
    // Not through the cache: a sequential read would evict the pieces that are read repeatedly.
    stream: (location, from = 0) =>
      Stream.unwrap(
        Effect.map(size(location), (total) =>
          Stream.paginate(from, (at) => {
            const length = Math.min(settings.blockBytes, total - at)
            const next = at + length < total ? Option.some(at + length) : Option.none<number>()
            return length <= 0
              ? Effect.succeed([[], Option.none<number>()] as const)
              : Effect.map(once(location, at, length), (bytes) => [[bytes], next] as const)
          }).pipe(Stream.buffer({ capacity: Math.max(1, settings.ahead) }))
        )
      ),
    whole: (location) => Effect.flatMap(size(location), (total) => once(location, 0, total)),
    cached: cache.bytes
  }
}
