import { Effect, Schema } from "effect"
import { BlobStore } from "../store/blob/blob-store.ts"
import { canonical } from "../store/canonical.ts"
import { sha256 } from "../store/digest.ts"
import { Digest } from "./job.ts"
import { JobFailed } from "./job-error.ts"
import { keys } from "./keys.ts"

/** A content that a job made, stored under its digest. */
export const FileRecord = Schema.Struct({ sha256: Digest, bytes: Schema.Int })
export type FileRecord = typeof FileRecord.Type

/** The record of a job's committed output. */
export const OutputRecord = Schema.Struct({
  files: Schema.Record(Schema.String, FileRecord),
  result: Schema.Json,
  seconds: Schema.Finite,
  worker: Schema.String,
  /** The worker's kind of processor; absent in records of older versions. */
  processor: Schema.optionalKey(Schema.String),
  semmim: Schema.String
})
export type OutputRecord = typeof OutputRecord.Type

/** Record of a failure: location, time and reason. */
export const FailureRecord = Schema.Struct({
  reason: Schema.String,
  detail: Schema.String,
  worker: Schema.String,
  at: Schema.String,
  /** Message, to be sent again; absent where its content is not trusted. */
  body: Schema.optionalKey(Schema.String)
})
export type FailureRecord = typeof FailureRecord.Type

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(`${canonical(value)}\n`)

/** Stores a record under a key that has none; returns true where this one was stored. */
export const putRecord = Effect.fnUntraced(function* (key: string, value: unknown) {
  const store = yield* BlobStore
  return yield* store.putIfAbsent(key, bytesOf(value))
})

/** Reads a record; `undefined` where there is none. Errors: `JobFailed` for an invalid one. */
export const readRecord = Effect.fnUntraced(function* <A, I>(key: string, schema: Schema.Codec<A, I>) {
  const store = yield* BlobStore
  const blob = yield* store.get(key).pipe(Effect.catchTag("BlobMissing", () => Effect.succeed(undefined)))
  if (blob === undefined) return undefined
  return yield* Schema.decodeUnknownEffect(Schema.fromJsonString(schema))(new TextDecoder().decode(blob.content)).pipe(
    Effect.mapError(
      (error) => new JobFailed({ reason: "unreadable-record", detail: `${key}: ${error.message.split("\n", 1)[0]}` })
    )
  )
})

/** True where there is a record under a key. */
export const hasRecord = Effect.fnUntraced(function* (key: string) {
  const store = yield* BlobStore
  return yield* store.head(key).pipe(
    Effect.as(true),
    Effect.catchTag("BlobMissing", () => Effect.succeed(false))
  )
})

/** Stores a content under its digest. One that exists already is the same. */
export const putContent = Effect.fnUntraced(function* (submission: string, content: Uint8Array) {
  const store = yield* BlobStore
  const digest = sha256(content)
  yield* store.putIfAbsent(keys.content(submission, digest), content)
  return { sha256: digest, bytes: content.length } satisfies FileRecord
})

/** Reads a content by its digest, and verifies it. */
export const readContent = Effect.fnUntraced(function* (submission: string, digest: string) {
  const store = yield* BlobStore
  return (yield* store.get(keys.content(submission, digest), digest)).content
})
