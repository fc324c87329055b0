import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { mergePieces } from "../../../stages/tokenize/merge-pieces.ts"
import { seed } from "../../seed.ts"

interface Counted {
  readonly pieces: readonly number[]
  readonly count: number
}
type Merge = readonly [left: number, right: number]

/** All merges, up to a number, by the fast way. */
const merges = (words: readonly Counted[], most: number): readonly Merge[] => {
  const made: Merge[] = []
  mergePieces(words, (left, right) => (made.length < most ? 100 + made.push([left, right]) : undefined))
  return made
}

/** The same by counting everything again each time. */
const mergesByCounting = (words: readonly Counted[], most: number): readonly Merge[] => {
  const made: Merge[] = []
  let state = words.map(({ pieces, count }) => ({ pieces: [...pieces], count }))
  while (made.length < most) {
    const counts = new Map<string, number>()
    for (const { pieces, count } of state) {
      for (let i = 1; i < pieces.length; i++) {
        const pair = `${pieces[i - 1]} ${pieces[i]}`
        counts.set(pair, (counts.get(pair) ?? 0) + count)
      }
    }
    const best = [...counts]
      .map(([pair, count]) => ({ count, pair: pair.split(" ").map(Number) as [number, number] }))
      .sort((a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1])[0]
    if (best === undefined || best.count < 2) break
    const joined = 100 + made.push(best.pair)
    state = state.map(({ pieces, count }) => {
      const kept: number[] = []
      for (let i = 0; i < pieces.length; i++) {
        const both = pieces[i] === best.pair[0] && pieces[i + 1] === best.pair[1]
        kept.push(both ? joined : pieces[i]!)
        if (both) i++
      }
      return { pieces: kept, count }
    })
  }
  return made
}

describe("mergePieces", () => {
  it("merges the most frequent pair first, ties by the lower ids, and leaves what is seen once", () => {
    const words = [
      { pieces: [1, 2, 3], count: 5 },
      { pieces: [4, 2, 3], count: 3 },
      { pieces: [0, 5], count: 3 },
      { pieces: [6, 7], count: 1 }
    ]
    assert.deepStrictEqual(merges(words, 10), [
      [2, 3],
      [1, 101],
      [0, 5],
      [4, 101]
    ])
  })

  it("is what counting all pairs anew each time gives, repeats of one piece among them", () => {
    const word = fc.record({
      pieces: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 9 }),
      count: fc.integer({ min: 1, max: 4 })
    })
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (words) => {
        assert.deepStrictEqual(merges(words, 12), mergesByCounting(words, 12))
      }),
      { seed, numRuns: 500 }
    )
  })
})
