import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { listing } from "../../../../lib/data/sources/listing.ts"
import { textColumn } from "../../../../lib/data/sources/text-column.ts"
import { seed } from "../../../seed.ts"

describe("packed lists", () => {
  const words = fc.string({ unit: "binary", maxLength: 12 })

  it("give texts back, lone surrogates as U+FFFD", () => {
    fc.assert(
      fc.property(fc.array(words), (texts) => {
        const column = textColumn()
        for (const each of texts) column.push(each)
        const done = column.done()
        assert.deepStrictEqual(
          texts.map((_, index) => done.at(index)),
          texts.map((each) => each.toWellFormed())
        )
      }),
      { seed, numRuns: 200 }
    )
  })

  it("give each image's captions in their order, as a map would", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("a", "b", "c", "__proto__"), fc.constantFrom("", "x", "y", "z"))),
        (entries) => {
          const builder = listing()
          const expected = new Map<string, string[]>()
          for (const [image, caption] of entries) {
            builder.caption(builder.place(image), caption)
            const known = expected.get(image) ?? []
            expected.set(image, caption === "" ? known : [...known, caption])
          }
          const { images, captionsOf } = builder.done()
          const found = Array.from({ length: images.count }, (_, i) => [images.at(i), [...captionsOf(i)]])
          assert.deepStrictEqual(found, [...expected])
        }
      ),
      { seed, numRuns: 200 }
    )
  })
})
