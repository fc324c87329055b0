import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { sameImages } from "../../../lib/data/same-images.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { seed } from "../../seed.ts"

describe("groups of the same images", () => {
  it("are one where a chain of images in common joins them, whatever the order, by the least of them", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(12), fc.nat(8)), { maxLength: 40 }), (seen) => {
        const same = sameImages()
        for (const [group, image] of seen) same.see(group, sha256(String(image)))
        // Groups that reach each other by images, told naively.
        const least = new Map(seen.map(([group]) => [group, group]))
        for (let round = 0; round < 13; round++)
          for (const [a, image] of seen)
            for (const [b, other] of seen) if (image === other) least.set(a, Math.min(least.get(a)!, least.get(b)!))
        for (const [group] of seen) assert.strictEqual(same.groupOf(group), least.get(group))
        assert.strictEqual(same.joined(), new Set(least.keys()).size - new Set(least.values()).size)
      }),
      { seed, numRuns: 300 }
    )
  })
})
