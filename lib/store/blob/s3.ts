import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3"
import { type Config, Effect, Layer, Random, Result } from "effect"
import { awsFailure } from "../../aws/failure.ts"
import { type BlobError, BlobMissing, BlobRefused, BlobUnavailable, StoreUnconditional } from "./blob-error.ts"
import { checkKey, isBlobKey } from "./blob-key.ts"
import { type BlobOperations, BlobStore } from "./blob-store.ts"
import { type S3Options, s3Client } from "./s3-client.ts"
import { conditionOf, isMissing, s3Failure } from "./s3-failure.ts"
import { putConditionally } from "./s3-put.ts"
import { verified } from "./verified.ts"

/** A location in S3. */
export interface S3Place extends S3Options {
  readonly bucket: string
  /** Prefix of all keys, without a slash at its end; "" for the whole bucket. */
  readonly prefix: string
  /** Contents over this many bytes are sent in parts of this size, at least 5 MiB. Default 32 MiB. */
  readonly partBytes?: number
}

const tries = 5
const bodies = 3

/** Key that the start-up probe writes; callers' keys never start with a dot. */
const probeName = ".conditional-puts"

/**
 * Reads an object's content and recorded SHA-256, with a retry where a connection breaks in a body, which the client leaves to
 * its caller.
 */
const readWhole =
  (client: S3Client, place: { readonly Bucket: string; readonly Key: string }) => async (abortSignal: AbortSignal) => {
    for (let nth = 1; ; nth++) {
      const { Body, Metadata } = await client.send(new GetObjectCommand(place), { abortSignal })
      try {
        return { content: (await Body?.transformToByteArray()) ?? new Uint8Array(), recorded: Metadata?.["sha256"] }
      } catch (error) {
        if (nth === bodies || abortSignal.aborted) throw error
      }
    }
  }

const operations = (client: S3Client, { bucket, prefix, partBytes = 32 * 2 ** 20 }: S3Place) => {
  const before = prefix === "" ? "" : `${prefix}/`
  const location = `s3://${bucket}${prefix === "" ? "" : `/${prefix}`}`
  const place = (key: string) => ({ Bucket: bucket, Key: before + key })
  const asking = <A>(key: string, ask: (abortSignal: AbortSignal) => Promise<A>, operation: string) =>
    Effect.andThen(
      checkKey(location, key),
      Effect.tryPromise({
        try: ask,
        catch: (error) =>
          isMissing(error) ? new BlobMissing({ store: location, key }) : s3Failure(location, key, operation)(error)
      })
    )

  /** Puts under any name, including the probe's; conflicts are retried, as S3 requires. */
  const put = Effect.fnUntraced(function* (key: string, content: Uint8Array) {
    for (let nth = 1; ; nth++) {
      const answer = yield* Effect.result(putConditionally(client, { bucket, key: before + key, content, partBytes }))
      if (Result.isSuccess(answer)) return "created" as const
      const condition = conditionOf(answer.failure)
      if (condition === "taken") return "already" as const
      if (condition === "other") return yield* Effect.fail(answer.failure)
      if (nth === tries) {
        const reason = `other puts were under way, ${tries} times`
        return yield* new BlobUnavailable({ store: location, key, operation: "put", reason })
      }
      yield* Effect.sleep(`${Math.round(2 ** nth * 50 * (0.5 + (yield* Random.next)))} millis`)
    }
  })
  const putFailure =
    (key: string) =>
    (error: unknown): BlobError =>
      error instanceof BlobUnavailable ? error : s3Failure(location, key, "put")(error)

  const probe = Effect.gen(function* () {
    const once = put(probeName, new TextEncoder().encode("This store keeps the first of two conditional puts.\n"))
    const unconditional = new StoreUnconditional({ store: location })
    const asked = Effect.catch(once, (error) =>
      // A store that does not know the header may also answer so.
      Effect.fail(awsFailure(error).status === 501 ? unconditional : putFailure(probeName)(error))
    )
    yield* asked
    if ((yield* asked) === "created") return yield* unconditional
  })

  const store: BlobOperations = {
    location,
    get: Effect.fn("BlobStore.get")(function* (key, expected) {
      const { content, recorded } = yield* asking(key, readWhole(client, place(key)), "get")
      return yield* verified(location, key, content, recorded, expected)
    }),
    putIfAbsent: Effect.fn("BlobStore.putIfAbsent")(function* (key, content) {
      yield* checkKey(location, key)
      return yield* Effect.mapError(put(key, content), putFailure(key))
    }),
    head: Effect.fn("BlobStore.head")(function* (key) {
      const ask = (abortSignal: AbortSignal) => client.send(new HeadObjectCommand(place(key)), { abortSignal })
      const { ContentLength = 0, LastModified, Metadata } = yield* asking(key, ask, "head")
      return { key, bytes: ContentLength, modified: LastModified?.getTime() ?? 0, sha256: Metadata?.["sha256"] ?? "" }
    }),
    list: Effect.fn("BlobStore.list")(function* (start, { after, limit = 1000 } = {}) {
      const command = new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: before + start,
        MaxKeys: limit,
        ...(after === undefined ? {} : { StartAfter: before + after })
      })
      const { Contents = [], IsTruncated } = yield* Effect.tryPromise({
        try: (abortSignal) => client.send(command, { abortSignal }),
        catch: s3Failure(location, start, "list")
      })
      const found = Contents.map(({ Key = "", Size = 0, LastModified }) => ({
        key: Key.slice(before.length),
        bytes: Size,
        modified: LastModified?.getTime() ?? 0
      }))
      return { blobs: found.filter(({ key }) => isBlobKey(key)), next: IsTruncated === true ? found.at(-1)?.key : undefined }
    }),
    delete: Effect.fn("BlobStore.delete")(function* (key) {
      const ask = (abortSignal: AbortSignal) => client.send(new DeleteObjectCommand(place(key)), { abortSignal })
      yield* Effect.catchTag(asking(key, ask, "delete"), "BlobMissing", () => Effect.void)
    })
  }
  return { store, probe }
}

/**
 * Blobs in a bucket of S3, or of a store that speaks its protocol. At start two conditional puts of one small object test that
 * the store respects the condition; one that does not is refused (`StoreUnconditional`).
 */
export const s3BlobStore = (place: S3Place): Layer.Layer<BlobStore, BlobError | StoreUnconditional | Config.ConfigError> =>
  Layer.effect(
    BlobStore,
    Effect.gen(function* () {
      const { store, probe } = operations(yield* s3Client(place), place)
      if (place.prefix !== "" && !isBlobKey(place.prefix))
        return yield* new BlobRefused({ store: store.location, key: "", reason: "its prefix is not a key" })
      yield* probe
      return BlobStore.of(store)
    })
  )
