import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { jsonDigest, type RawSample, type Source } from "../../../../lib/data/source.ts"
import { SampleError } from "../../../../lib/pipeline/errors.ts"
import { apartFrom, apartSentence } from "../../../../lib/task/retrieval/apart.ts"
import { samplesAt } from "../../../../lib/task/subset.ts"
import { toySource } from "../../../toy/source.ts"

/** A source whose samples were changed, under another name and digest. */
const changed = (source: Source, change: (sample: RawSample) => RawSample, madeFrom?: string): Source => ({
  ...source,
  name: "/elsewhere",
  digest: jsonDigest(["elsewhere", source.digest]),
  ...(madeFrom === undefined ? {} : { madeFrom }),
  sample: (index) => Effect.map(source.sample(index), change)
})
const all = toySource(60)
const few = samplesAt(all, [0, 1, 2, 30, 31])
const apart = (measured: Source) =>
  Effect.map(apartFrom([few, all], [samplesAt(measured, [0, 1, 40, 59]), measured]), ({ others, same, alike }) => ({
    others: Array.from({ length: others.count }, (_, i) => others.id(i)),
    same,
    alike
  }))
const rest = ["toy/2", "toy/30", "toy/31"]
const none = ["toy/0", "toy/1", ...rest]
const anew = (sample: RawSample): RawSample => ({ ...sample, image: Uint8Array.of(7, ...sample.image) })
const renamed = (sample: RawSample): RawSample => ({ ...sample, id: `other/${sample.id}` })
const reworded = (sample: RawSample): RawSample => ({ ...sample, captions: sample.captions.map((each) => `${each}!`) })

describe("pairs apart from the measured ones", () => {
  it.effect("are told by image whatever the data, the ids and the captions are called", () =>
    Effect.gen(function* () {
      const both = { others: rest, same: 2, alike: 0 }
      assert.deepStrictEqual(yield* apart(all), both)
      assert.deepStrictEqual(yield* apart(changed(all, (sample) => reworded(renamed(sample)))), both)
    })
  )

  it.effect("are told by id and one caption where images were encoded anew", () =>
    Effect.gen(function* () {
      const filtered = (sample: RawSample): RawSample => ({ ...anew(sample), captions: sample.captions.slice(1) })
      for (const madeFrom of [all.digest, "another list", ""])
        assert.deepStrictEqual(yield* apart(changed(all, filtered, madeFrom)), { others: rest, same: 2, alike: 0 })
      // Numbers of other data are no ids of these.
      assert.deepStrictEqual(yield* apart(changed(all, (sample) => reworded(anew(sample)), "")), {
        others: none,
        same: 0,
        alike: 0
      })
    })
  )

  it.effect("are in doubt by captions alone where images and ids are others and the list is not known to be the same", () =>
    Effect.gen(function* () {
      const other = (madeFrom?: string) => apart(changed(all, (sample) => renamed(anew(sample)), madeFrom))
      assert.deepStrictEqual(yield* other(""), { others: rest, same: 0, alike: 2 })
      assert.deepStrictEqual(yield* other("another list"), { others: rest, same: 0, alike: 2 })
      assert.deepStrictEqual(yield* other(all.digest), { others: none, same: 0, alike: 0 })
      assert.deepStrictEqual(yield* other(), { others: none, same: 0, alike: 0 })
    })
  )

  it.effect("count samples that cannot be read as others: they are not measured", () =>
    Effect.gen(function* () {
      const gone = {
        ...all,
        sample: (i: number) => (i === 0 ? Effect.fail(new SampleError({ id: "toy/0", reason: "missing(toy)" })) : all.sample(i))
      }
      assert.deepStrictEqual(yield* apart(gone), { others: ["toy/0", ...rest], same: 1, alike: 0 })
    })
  )

  it("are nothing to speak of, all others and some others in a sentence", () => {
    const told = (same: number, alike: number) => apartSentence({ same, alike }, 20)
    assert.deepStrictEqual(
      [told(0, 0), told(20, 0), told(3, 2), told(0, 2)],
      [
        undefined,
        "the pairs that the ranking was chosen on are among them",
        "3 of the 20 pairs that the ranking was chosen on are among them",
        "2 of the 20 pairs that the ranking was chosen on have captions that are among them: whether the images are cannot be told"
      ]
    )
  })
})
