import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { parseSplits } from "../../../lib/cli/commands/prepare.ts"
import { UsageError } from "../../../lib/error/usage-error.ts"
import { fingerprintLayout, known } from "../../../lib/prepare/fingerprint.ts"
import { eachNearPair, firstOfBytes, lookAlike } from "../../../lib/prepare/near-pairs.ts"
import { planSamples, splitOf } from "../../../lib/prepare/plan.ts"
import { prepareDefaults } from "../../../lib/prepare/prepare-settings.ts"
import { seed } from "../../seed.ts"

const { bytes: width, perceptualHash, known: knownAt } = fingerprintLayout

/** Fingerprints near a few centres: bytes of one of a few digests, perceptualHash with some bits changed. */
const fingerprints = fc
  .array(
    fc.record({
      digest: fc.integer({ min: 0, max: 6 }),
      centre: fc.integer({ min: 0, max: 3 }),
      flips: fc.array(fc.integer({ min: 0, max: 127 }), { maxLength: 9 }),
      knows: fc.constantFrom(known.nothing, known.bytes, known.perceptualHash, known.perceptualHash, known.perceptualHash)
    }),
    { minLength: 1, maxLength: 30 }
  )
  .map((all) => {
    const out = new Uint8Array(all.length * width)
    for (const [i, { digest, centre, flips, knows }] of all.entries()) {
      const at = i * width
      out.fill(digest, at, at + 32)
      for (let b = 0; b < 16; b++) out[at + perceptualHash + b] = (centre * 83 + b * 37) & 255
      for (const flip of flips) out[at + perceptualHash + (flip >> 3)]! ^= 1 << (flip & 7)
      out[at + knownAt] = knows
    }
    return out
  })

const groupOf = (index: number) => Math.floor(index / 4) * 7
const source = { id: (index: number) => `sample ${index}`, group: groupOf }

describe("a plan of samples", () => {
  it("finds all pairs that look alike, as comparing all with all does", () => {
    fc.assert(
      fc.property(fingerprints, (all) => {
        const firsts = firstOfBytes(all)
        const found = new Set<string>()
        eachNearPair(all, firsts, (earlier, later) => found.add(`${earlier} ${later}`))
        const expected = new Set<string>()
        const seen = [...firsts.keys()].filter((i) => firsts[i] === i && all[i * width + knownAt] === known.perceptualHash)
        for (const later of seen)
          for (const earlier of seen) if (earlier < later && lookAlike(all, earlier, later)) expected.add(`${earlier} ${later}`)
        assert.deepStrictEqual(found, expected)
      }),
      { seed, numRuns: 60 }
    )
  })

  it("keeps the first of a set of same bytes or perceptualHash, and names a kept one for each left out", () => {
    fc.assert(
      fc.property(fingerprints, fc.constantFrom("exact", "perceptual"), (all, dedupe) => {
        const dispositions = planSamples(all, source, { ...prepareDefaults, dedupe })
        for (const [i, disposition] of dispositions.entries()) {
          const of = disposition < 0 ? -1 - disposition : i
          assert.isAtMost(of, i)
          assert.strictEqual(dispositions[of], 0)
        }
        assert.strictEqual(dispositions[0], 0)
      }),
      { seed, numRuns: 60 }
    )
  })

  it("puts samples of one group, the same bytes or the same perceptualHash into one split", () => {
    const splits = parseSplits("val=0.3, test=0.2")
    fc.assert(
      fc.property(fingerprints, (all) => {
        const dispositions = planSamples(all, source, { ...prepareDefaults, splits })
        const firsts = firstOfBytes(all)
        for (const [i, disposition] of dispositions.entries()) {
          assert.include([0, 1, 2], disposition)
          assert.strictEqual(disposition, dispositions[firsts[i]!])
          if (i > 0 && groupOf(i) === groupOf(i - 1)) assert.strictEqual(disposition, dispositions[i - 1])
        }
        eachNearPair(all, firsts, (a, b) => assert.strictEqual(dispositions[a], dispositions[b]))
      }),
      { seed, numRuns: 60 }
    )
  })

  it("draws splits by id alone, in about the proportions asked for", () => {
    const splits = parseSplits("val=0.2,test=0.05")
    const counts = [0, 0, 0]
    for (let i = 0; i < 4000; i++) counts[splitOf(`id ${i}`, splits)]!++
    assert.closeTo(counts[1]!, 800, 100)
    assert.closeTo(counts[2]!, 200, 60)
  })

  it("refuses splits that are none", () => {
    for (const wrong of ["val", "val=2", "val=0", "=0.1", "../x=0.1", "val=0.5,val=0.1", "a=0.5,b=0.5", "Val=0.1", "a=1e-3", ""])
      assert.throws(() => parseSplits(wrong), UsageError)
  })
})
