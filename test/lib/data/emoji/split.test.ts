import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { loadCatalogue } from "../../../../lib/data/emoji/catalogue.ts"
import { chooseHeldOut, splitByVendor } from "../../../../lib/data/emoji/split.ts"
import { key } from "../../../../lib/random/key.ts"

describe("the split of emoji", () => {
  it.effect("keeps every image by twemoji out of training", () =>
    Effect.gen(function* () {
      const { train, heldOut } = splitByVendor(yield* loadCatalogue, "full")
      assert.isTrue(train.every(({ vendor }) => vendor !== "twemoji") && heldOut.every(({ vendor }) => vendor === "twemoji"))
      assert.strictEqual(train.length, 15_349)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.effect("chooses as many code points as wanted, no one twice, all known to training, by the key alone", () =>
    Effect.gen(function* () {
      const split = splitByVendor(yield* loadCatalogue, "plain")
      const chosen = chooseHeldOut(split, 400, key(1))
      const groups = new Set(chosen.map(({ group }) => group))
      assert.strictEqual(groups.size, 400)
      const known = new Set(split.train.map(({ group }) => group))
      assert.isTrue([...groups].every((group) => known.has(group)))
      assert.deepStrictEqual(chooseHeldOut(split, 400, key(1)), chosen)
      assert.notDeepEqual(chooseHeldOut(split, 400, key(2)), chosen)
      assert.strictEqual(chooseHeldOut(split, 5000, key(1)).length, 1940)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
