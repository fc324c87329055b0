import { randomBytes } from "node:crypto"
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3"
import { Effect, Layer } from "effect"
import { localCredentials, localRegion } from "../../lib/aws/local-credentials.ts"

/** Asks a server on this machine something with a client of S3. */
export const withS3 = <A>(endpoint: string, use: (client: S3Client) => Promise<A>): Effect.Effect<A> =>
  Effect.acquireUseRelease(
    Effect.sync(() => new S3Client({ endpoint, region: localRegion, credentials: localCredentials, forcePathStyle: true })),
    (client) => Effect.promise(() => use(client)),
    (client) => Effect.sync(() => client.destroy())
  )

/** A bucket's name, and the layer that makes it. */
export const freshBucket = (endpoint: string) => {
  const bucket = `laws-${randomBytes(6).toString("hex")}`
  const made = Layer.effectDiscard(withS3(endpoint, (client) => client.send(new CreateBucketCommand({ Bucket: bucket }))))
  return { bucket, made }
}
