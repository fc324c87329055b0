import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { BlobStore } from "../../../../lib/store/blob/blob-store.ts"
import { blobStoreAt, parseS3Location } from "../../../../lib/store/blob/open.ts"
import { within } from "../../../../lib/store/blob/within.ts"

const root = mkdtempSync(join(tmpdir(), "semmim-within-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const at = (location: string) => Layer.provide(blobStoreAt(location), NodeServices.layer)

describe("a store seen from one of its folders", () => {
  it.effect("has the keys of that folder, and no way out", () =>
    Effect.gen(function* () {
      const whole = yield* BlobStore
      const inner = within(whole, "jobs/7")
      yield* whole.putIfAbsent("jobs/8/secret", Uint8Array.of(8))
      yield* inner.putIfAbsent("out/a", Uint8Array.of(1))
      yield* inner.putIfAbsent("out/b", Uint8Array.of(2))
      assert.deepEqual([...(yield* whole.get("jobs/7/out/a")).content], [1])
      assert.strictEqual((yield* inner.head("out/a")).key, "out/a")
      const page = yield* inner.list("", { limit: 1 })
      assert.deepEqual([page.blobs.map(({ key }) => key), page.next], [["out/a"], "out/a"])
      const rest = yield* inner.list("", { after: "out/a" })
      assert.deepEqual(
        rest.blobs.map(({ key }) => key),
        ["out/b"]
      )
      for (const key of ["../8/secret", "/jobs/8/secret", "..", "", "x/../../8/secret"])
        assert.strictEqual((yield* Effect.flip(inner.get(key)))._tag, "BlobRefused", key)
      assert.deepEqual((yield* inner.list("../8")).blobs, [])
      yield* inner.delete("out/a")
      assert.strictEqual((yield* Effect.flip(whole.get("jobs/7/out/a")))._tag, "BlobMissing")
    }).pipe(Effect.provide(at(root)))
  )

  it.effect("is opened by its location, and another kind of location is refused", () =>
    Effect.gen(function* () {
      assert.deepEqual(parseS3Location("s3://some-bucket/a/b/"), { bucket: "some-bucket", prefix: "a/b" })
      assert.deepEqual(parseS3Location("s3://some-bucket"), { bucket: "some-bucket", prefix: "" })
      assert.isUndefined(parseS3Location("s3://No_Bucket/a"))
      for (const location of ["s3://No_Bucket/a", "https://example.com/a"]) {
        const error = yield* Effect.flip(Effect.provide(BlobStore, at(location), { local: true }))
        assert.include(error.message, "expected s3://bucket/prefix or a folder")
      }
    })
  )
})
