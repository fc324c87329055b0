import type { S3Client } from "@aws-sdk/client-s3"
import { Effect } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { ByteError, endsEarly } from "./byte-error.ts"
import type { ByteReader, Listed } from "./byte-reader.ts"

/** Prefix of an object in S3: `s3://BUCKET/KEY`. */
export const s3Scheme = "s3://"

/** Parses bucket and key of `s3://BUCKET/KEY`; the key may be empty. */
export const parseS3 = (location: string): { readonly bucket: string; readonly key: string } => {
  const path = location.slice(s3Scheme.length)
  const slash = path.indexOf("/")
  return slash < 0 ? { bucket: path, key: "" } : { bucket: path.slice(0, slash), key: path.slice(slash + 1) }
}

const connectMillis = 5_000
const requestMillis = 60_000

/** True for the status of an error that a retry does not resolve. */
const final = (status: number | undefined) =>
  status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429

const failure = (location: string) => (cause: unknown) => {
  const { name = "Error", $metadata } = cause as { name?: string; $metadata?: { httpStatusCode?: number } }
  const status = $metadata?.httpStatusCode
  // A client without credentials or region fails before its first request.
  const settled = final(status) || name === "CredentialsProviderError"
  const absent = name === "NoSuchKey" || name === "NotFound" || name === "NoSuchBucket"
  const problem = absent ? `no such object (${name})` : `${name}${status === undefined ? "" : ` ${status}`}: ${oneLine(cause)}`
  return new ByteError({ location, problem, transient: !settled })
}

/**
 * Objects in S3. Endpoint, region and credentials come from the environment as the AWS SDK reads it (`AWS_ENDPOINT_URL_S3` or
 * `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID` …); with a custom endpoint, buckets are addressed by path. The SDK is
 * loaded with the first object that is read.
 */
export const s3Bytes = (environment: NodeJS.ProcessEnv = process.env): ByteReader => {
  const own = environment["AWS_ENDPOINT_URL_S3"] ?? environment["AWS_ENDPOINT_URL"]
  let opened: Promise<{ readonly sdk: typeof import("@aws-sdk/client-s3"); readonly client: S3Client }> | undefined
  const open = async () => {
    const sdk = await import("@aws-sdk/client-s3")
    const client = new sdk.S3Client({
      region: environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? "us-east-1",
      ...(own ? { endpoint: own, forcePathStyle: true } : {}),
      // The byte store has its own retries.
      maxAttempts: 1,
      // Parts of an object have no checksum of their own to verify.
      responseChecksumValidation: "WHEN_REQUIRED",
      requestHandler: { connectionTimeout: connectMillis, requestTimeout: requestMillis }
    })
    return { sdk, client }
  }
  const ask = <A>(
    location: string,
    run: (client: S3Client, sdk: typeof import("@aws-sdk/client-s3"), abortSignal: AbortSignal) => Promise<A>
  ) =>
    Effect.tryPromise({
      try: async (signal) => {
        opened ??= open()
        const { sdk, client } = await opened
        return run(client, sdk, signal)
      },
      catch: failure(location)
    })
  const page = (folder: string, continuation: string | undefined) => {
    const { bucket, key } = parseS3(folder)
    const prefix = key === "" || key.endsWith("/") ? key : `${key}/`
    return ask(folder, async (client, sdk, abortSignal) => {
      const input = { Bucket: bucket, Prefix: prefix, ...(continuation ? { ContinuationToken: continuation } : {}) }
      const { Contents = [], NextContinuationToken } = await client.send(new sdk.ListObjectsV2Command(input), { abortSignal })
      const listed = Contents.map(({ Key = "", Size = 0 }): Listed => ({ name: Key.slice(prefix.length), size: Size }))
      return { listed, next: NextContinuationToken }
    })
  }
  return {
    size: (location) => {
      const { bucket: Bucket, key: Key } = parseS3(location)
      return ask(location, async (client, sdk, abortSignal) => {
        const { ContentLength = 0 } = await client.send(new sdk.HeadObjectCommand({ Bucket, Key }), { abortSignal })
        return ContentLength
      })
    },
    read: Effect.fnUntraced(function* (location: string, from: number, length: number) {
      if (length === 0) return new Uint8Array(0)
      const { bucket: Bucket, key: Key } = parseS3(location)
      const bytes = yield* ask(location, async (client, sdk, abortSignal) => {
        const command = new sdk.GetObjectCommand({ Bucket, Key, Range: `bytes=${from}-${from + length - 1}` })
        const { Body } = await client.send(command, { abortSignal })
        return Body === undefined ? new Uint8Array(0) : await Body.transformToByteArray()
      })
      return bytes.length === length ? bytes : yield* endsEarly(location, from, length, bytes.length)
    }),
    list: Effect.fn("data.listBucket")(function* (folder: string) {
      const all: Listed[] = []
      let next: string | undefined
      do {
        const { listed, next: following }: { readonly listed: readonly Listed[]; readonly next: string | undefined } =
          yield* page(folder, next)
        for (const each of listed) if (each.name !== "" && !each.name.endsWith("/")) all.push(each)
        next = following
      } while (next !== undefined)
      return all.sort((a, b) => (a.name < b.name ? -1 : 1))
    })
  }
}
