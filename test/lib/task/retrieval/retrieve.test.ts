import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import type { Side } from "../../../../lib/model/side.ts"
import type { Score } from "../../../../lib/task/retrieval/pair-scores.ts"
import { retrieve } from "../../../../lib/task/retrieval/retrieve.ts"
import { seed } from "../../../seed.ts"
import { bruteForce, type Problem } from "./brute-force.ts"

const width = 2

/** Few distinct numbers, so that ties are common; some queries have several right answers, and some none. */
const problems: fc.Arbitrary<Problem> = fc
  .record({ images: fc.integer({ min: 1, max: 25 }), texts: fc.integer({ min: 1, max: 40 }) })
  .chain(({ images, texts }) => {
    const rows = (n: number) =>
      fc.array(fc.array(fc.integer({ min: -2, max: 2 }), { minLength: width, maxLength: width }), { minLength: n, maxLength: n })
    const groups = (n: number) => fc.array(fc.integer({ min: 0, max: 20 }), { minLength: n, maxLength: n })
    const quarters = fc.integer({ min: 0, max: 4 }).map((x) => x / 4)
    const scores = fc.array(fc.array(quarters, { minLength: texts, maxLength: texts }), { minLength: images, maxLength: images })
    return fc.record({
      imageGroups: groups(images),
      textGroups: groups(texts),
      imageRows: rows(images),
      textRows: rows(texts),
      score: scores,
      k: fc.integer({ min: 1, max: 20 })
    })
  })

/** A side whose states are each item's index, twice over, so that a mixed-up row gives another score. */
const side = (name: string, groups: readonly number[], rows: readonly (readonly number[])[], encoded: number[]): Side => ({
  groups: Int32Array.from(groups),
  encode: (items) =>
    Effect.sync(() => {
      encoded.push(...items)
      return {
        embedding: Float32Array.from(items.flatMap((item) => rows[item]!)),
        states: { [name]: Float32Array.from(items.flatMap((item) => [item, item])) }
      }
    })
})

const scoring =
  (problem: Problem, pairs: string[]): Score<never> =>
  (rows, count) =>
    Effect.sync(() =>
      Float32Array.from({ length: count }, (_, i) => {
        const image = rows["image"]![2 * i + 1]!
        const text = rows["text"]![2 * i]!
        pairs.push(`${image}|${text}`)
        return problem.score[image]![text]!
      })
    )

const run = (problem: Problem, batch: number, stateBytes: number) => {
  const encoded: number[] = []
  const pairs: string[] = []
  const found = Effect.runSync(
    retrieve(
      side("image", problem.imageGroups, problem.imageRows, encoded),
      side("text", problem.textGroups, problem.textRows, encoded),
      scoring(problem, pairs),
      { k: problem.k, batch, stateBytes }
    )
  )
  return { ...found, encoded, pairs }
}

describe("retrieval", () => {
  it("agrees with brute force on ties, groups and several captions an image, whatever the batch and the memory", () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, 100, 300, 1e6), (problem, batch, stateBytes) => {
        assert.deepStrictEqual(run(problem, batch, stateBytes).metrics, bruteForce(problem))
      }),
      { seed, numRuns: 300 }
    )
  })

  it("scores each pair once, and encodes each item once where its states may be kept", () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 1, max: 9 }), (problem, batch) => {
        const { pairs, encoded } = run(problem, batch, 1e6)
        assert.strictEqual(new Set(pairs).size, pairs.length)
        assert.strictEqual(encoded.length, problem.imageGroups.length + problem.textGroups.length)
      }),
      { seed, numRuns: 50 }
    )
  })

  it("scores no more than 2 k candidates an item", () => {
    const n = 60
    const rows = Array.from({ length: n }, (_, i) => [Math.cos(i), Math.sin(i)])
    const groups = rows.map((_, i) => i)
    const score = rows.map(() => rows.map(() => 0))
    const { pairs } = run({ imageGroups: groups, textGroups: groups, imageRows: rows, textRows: rows, score, k: 10 }, 7, 1e6)
    assert.isAtMost(pairs.length, 2 * n * 10)
    assert.isBelow(pairs.length, n * n)
  })

  it("finds everything where each pair has one direction to itself, and gives the order by cosine without a score", () => {
    const n = 30
    const rows = Array.from({ length: n }, (_, i) => [Math.cos(i), Math.sin(i)])
    const groups = rows.map((_, i) => 100 - i)
    const found = Effect.runSync(
      retrieve(side("image", groups, rows, []), side("text", groups, rows, []), undefined, { k: 10, batch: 4, stateBytes: 1e6 })
    )
    const all = { tr1: 100, tr5: 100, tr10: 100, ir1: 100, ir5: 100, ir10: 100 }
    assert.deepStrictEqual(found.metrics, { images: n, texts: n, ...all, dual: all })
  })

  it.effect("refuses an evaluation of nothing, and names an item whose embedding or score is not finite", () =>
    Effect.gen(function* () {
      const empty = yield* Effect.flip(retrieve(side("image", [], [], []), side("text", [1], [[1, 0]], []), undefined))
      assert.strictEqual(empty.message, "retrieval: 0 images and 1 texts")
      const rows = [
        [1, 0],
        [Number.NaN, 0]
      ]
      const bad = yield* Effect.flip(retrieve(side("image", [1, 2], rows, []), side("text", [1], [[1, 0]], []), undefined))
      assert.strictEqual(bad.message, "encoding: the embedding of image 1 is not finite")
      const nan: Score<never> = (_, pairs) => Effect.succeed(new Float32Array(pairs).fill(Number.NaN))
      const scored = yield* Effect.flip(retrieve(side("image", [1], [[1, 0]], []), side("text", [1], [[1, 0]], []), nan))
      assert.strictEqual(scored.message, "retrieval: the score of image 0 and text 0 is not finite")
    })
  )
})
