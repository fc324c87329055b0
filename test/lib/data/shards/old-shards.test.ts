import { readFileSync } from "node:fs"
import { join } from "node:path"
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openSource } from "../../../../lib/data/open-source.ts"
import { sha256 } from "../../../../lib/store/digest.ts"

/** A small set that was written before manifests named fields, and what was read of it then. */
const golden = join(import.meta.dirname, "../../../golden")

describe("shards that name no fields", () => {
  it.effect("are read as the pairs that they were written as: golden", () =>
    Effect.gen(function* () {
      const expected = JSON.parse(readFileSync(join(golden, "shards.json"), "utf8"))
      const source = yield* openSource(join(golden, "shards"))
      const indices = Array.from({ length: source.count }, (_, index) => index)
      const samples = yield* Effect.forEach(indices, (index) =>
        Effect.gen(function* () {
          const { id, group, image, captions } = yield* source.sample(index)
          assert.deepStrictEqual(yield* source.texts(index, "captions"), captions)
          return { id, group, captions, image: sha256(image), digest: yield* source.sampleDigest(index) }
        })
      )
      assert.deepStrictEqual({ digest: source.digest, samples }, expected)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
