import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { embedded } from "../../../lib/data/embedded/table.ts"
import { openSource } from "../../../lib/data/open-source.ts"

describe("openSource", () => {
  it.effect("opens the embedded data by name", () =>
    Effect.gen(function* () {
      const counts = {
        "embedded:emoji": 8454,
        "embedded:emoji-held-out": 1940,
        "embedded:emoji-full": 15_349,
        "embedded:emoji-full-held-out": 3970
      }
      for (const [name, count] of Object.entries(counts)) {
        const source = yield* openSource(name)
        assert.deepStrictEqual([source.name, source.count], [name, count])
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("says which embedded data there is", () =>
    Effect.gen(function* () {
      const known = Object.keys(embedded).map((set) => `embedded:${set}`)
      assert.include(known, "embedded:emoji")
      for (const name of ["embedded:coco", "embedded:toString"]) {
        const error = yield* Effect.flip(openSource(name))
        assert.strictEqual(error.message, `${name}: no such embedded data; there is ${known.join(", ")}`)
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("takes any other name for a path", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(openSource("not/here.json"))
      assert.match(error.message, /^not\/here\.json: no such data/)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
