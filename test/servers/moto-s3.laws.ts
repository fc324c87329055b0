import { ListMultipartUploadsCommand } from "@aws-sdk/client-s3"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { inject } from "vitest"
import { BlobStore } from "../../lib/store/blob/blob-store.ts"
import { s3BlobStore } from "../../lib/store/blob/s3.ts"
import { blobStoreLaws, listAll } from "../laws/blob-store.ts"
import { freshBucket, withS3 } from "./bucket.ts"

const endpoint = inject("moto")
const { bucket, made } = freshBucket(endpoint)
const place = { endpoint, bucket, prefix: "runs/one", local: true, partBytes: 5 * 2 ** 20 }

blobStoreLaws("moto", Layer.provide(s3BlobStore(place), made))

describe("a blob store on moto", () => {
  it.live("leaves no part of an upload that came second", () =>
    Effect.gen(function* () {
      const store = yield* BlobStore
      for (const outcome of ["created", "already"])
        assert.strictEqual(yield* store.putIfAbsent("big", new Uint8Array(11 * 2 ** 20)), outcome)
      const { Uploads = [] } = yield* withS3(endpoint, (client) =>
        client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
      )
      assert.deepEqual(Uploads, [])
    }).pipe(Effect.provide(Layer.provide(s3BlobStore({ ...place, prefix: "two" }), made), { local: true }))
  )

  it.live("lists a thousand keys a page, as S3 does", () =>
    Effect.gen(function* () {
      const store = yield* BlobStore
      const all = Array.from({ length: 1003 }, (_, i) => `many/${String(i).padStart(5, "0")}`)
      yield* Effect.forEach(all, (key) => store.putIfAbsent(key, new Uint8Array(1)), { concurrency: 8 })
      const { blobs, next } = yield* store.list("many/")
      assert.deepEqual([blobs.length, next], [1000, all[999]])
      assert.deepEqual(yield* listAll(store, "many/"), all)
    }).pipe(Effect.provide(Layer.provide(s3BlobStore({ ...place, prefix: "three" }), made), { local: true }))
  )

  it.live("is refused, in words, where there is no bucket", () =>
    Effect.gen(function* () {
      const nowhere = s3BlobStore({ ...place, bucket: "no-such-bucket" })
      const error = yield* Effect.flip(Effect.provide(BlobStore, nowhere, { local: true }))
      assert.strictEqual(error._tag, "BlobRefused")
      assert.include(error.message, "NoSuchBucket")
    })
  )
})
