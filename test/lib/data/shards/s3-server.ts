import type { AddressInfo } from "node:net"
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3"
import { Effect } from "effect"
import { buildApp } from "fauxqs"

/** Where a test's objects are: environment variables that name the server, and what puts an object in its bucket `data`. */
export interface S3Server {
  readonly environment: NodeJS.ProcessEnv
  readonly put: (key: string, bytes: Uint8Array) => Effect.Effect<void>
}

/** An S3 server in this process, with an empty bucket `data`; it ends with the scope. */
export const s3Server = Effect.gen(function* () {
  const app = yield* Effect.acquireRelease(
    Effect.promise(async () => {
      const app = buildApp({ logger: false })
      await app.listen({ port: 0, host: "127.0.0.1" })
      return app
    }),
    (app) => Effect.promise(() => app.close())
  )
  const { port } = app.server.address() as AddressInfo
  const environment = {
    AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test"
  }
  Object.assign(process.env, environment)
  const client = new S3Client({ endpoint: environment.AWS_ENDPOINT_URL_S3, region: "us-east-1", forcePathStyle: true })
  yield* Effect.addFinalizer(() => Effect.sync(() => client.destroy()))
  yield* Effect.promise(() => client.send(new CreateBucketCommand({ Bucket: "data" })))
  const put = (key: string, bytes: Uint8Array) =>
    Effect.asVoid(Effect.promise(() => client.send(new PutObjectCommand({ Bucket: "data", Key: key, Body: bytes }))))
  return { environment, put } satisfies S3Server
})
