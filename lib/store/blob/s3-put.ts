import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand
} from "@aws-sdk/client-s3"
import { Effect } from "effect"
import { sha256 } from "../digest.ts"

/** An object to put, and its location. */
export interface S3Object {
  readonly bucket: string
  /** The whole key, with the store's prefix. */
  readonly key: string
  readonly content: Uint8Array
  /** Contents over this many bytes are sent in parts of this size; at least 5 MiB. */
  readonly partBytes: number
}

const partsAtOnce = 4

const asked = <A>(ask: (abortSignal: AbortSignal) => Promise<A>): Effect.Effect<A, unknown> =>
  Effect.tryPromise({ try: ask, catch: (error) => error })

/** Puts an object in one request. */
const putWhole = (client: S3Client, { bucket, key, content }: S3Object) =>
  asked((abortSignal) =>
    client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: content,
        IfNoneMatch: "*",
        ChecksumSHA256: Buffer.from(sha256(content), "hex").toString("base64"),
        Metadata: { sha256: sha256(content) }
      }),
      { abortSignal }
    )
  )

/** Puts an object in parts, of which none remain unless the last request succeeds. */
const putParts = (client: S3Client, { bucket, key, content, partBytes }: S3Object) => {
  const place = { Bucket: bucket, Key: key }
  const create = asked((abortSignal) =>
    client.send(new CreateMultipartUploadCommand({ ...place, Metadata: { sha256: sha256(content) } }), { abortSignal })
  )
  const part = (UploadId: string | undefined, index: number) => {
    const Body = content.subarray(index * partBytes, (index + 1) * partBytes)
    const command = new UploadPartCommand({ ...place, UploadId, PartNumber: index + 1, Body })
    return Effect.map(
      asked((abortSignal) => client.send(command, { abortSignal })),
      ({ ETag, ChecksumCRC32 }) => ({ ETag, ChecksumCRC32, PartNumber: index + 1 })
    )
  }
  return Effect.flatMap(create, ({ UploadId }) => {
    const count = Math.ceil(content.length / partBytes)
    const parts = Effect.forEach(
      Array.from({ length: count }, (_, index) => index),
      (index) => part(UploadId, index),
      { concurrency: partsAtOnce }
    )
    const complete = Effect.flatMap(parts, (Parts) =>
      asked((abortSignal) =>
        client.send(new CompleteMultipartUploadCommand({ ...place, UploadId, IfNoneMatch: "*", MultipartUpload: { Parts } }), {
          abortSignal
        })
      )
    )
    const abort = asked((abortSignal) => client.send(new AbortMultipartUploadCommand({ ...place, UploadId }), { abortSignal }))
    return Effect.onError(complete, () => Effect.ignore(Effect.timeout(abort, "10 seconds")))
  })
}

/**
 * Puts an object on condition that there is none (If-None-Match: *), its SHA-256 in its metadata; fails with the client's own
 * error.
 */
export const putConditionally = (client: S3Client, object: S3Object): Effect.Effect<void, unknown> =>
  Effect.asVoid<unknown, unknown, never>(
    object.content.length > object.partBytes ? putParts(client, object) : putWhole(client, object)
  )
