import { S3Client } from "@aws-sdk/client-s3"
import { type Config, Effect, type Scope } from "effect"
import { endpointOf } from "../../aws/endpoint.ts"
import { checkLoopback, localCredentials, localRegion } from "../../aws/local-credentials.ts"

/** Location of the bucket. */
export interface S3Options {
  /** Default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or AWS's own. */
  readonly endpoint?: string | undefined
  /** True for a server on this machine: requests are signed with invented credentials. Default false. */
  readonly local?: boolean
}

/** Milliseconds without data after which a connection counts as dead. */
const silentMillis = 30_000

/** Returns an S3 client, closed with the scope. Credentials come from AWS's own chain and from nowhere else. */
export const s3Client = (options: S3Options): Effect.Effect<S3Client, Config.ConfigError, Scope.Scope> =>
  Effect.gen(function* () {
    const endpoint = options.endpoint ?? (yield* endpointOf("S3"))
    const local = options.local === true
    if (local) checkLoopback(endpoint)
    const client = () =>
      new S3Client({
        // Stores other than AWS's have no DNS names for buckets.
        ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
        ...(local ? { credentials: localCredentials, region: localRegion } : {}),
        requestHandler: { connectionTimeout: 5_000, socketTimeout: silentMillis },
        // Every content is verified by its SHA-256 here; some servers accept a wrong checksum.
        responseChecksumValidation: "WHEN_REQUIRED",
        maxAttempts: 3
      })
    return yield* Effect.acquireRelease(Effect.sync(client), (made) => Effect.sync(() => made.destroy()))
  })
