import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { betterRanking, cosineLeads, Leading, type Recalls } from "../../../../lib/task/retrieval/leading.ts"
import { rankingSentences, recallRows } from "../../../../lib/task/retrieval/recall-rows.ts"

const recalls = (tr1: number, tr5: number, tr10: number, ir1 = tr1, ir5 = tr5, ir10 = tr10): Recalls => ({
  ...{ tr1, tr5, tr10 },
  ...{ ir1, ir5, ir10 }
})
const compared = (reranked: Recalls, dual: Recalls) => betterRanking({ data: "pairs", pairs: 100, reranked, dual }, 10)
const retrieval = (leading?: Leading, images = 50) => ({
  ...{ images, texts: 60, ...recalls(1, 2, 3) },
  dual: recalls(4, 5, 6),
  ...(leading ? { leading } : {})
})

describe("the ranking that leads", () => {
  it("is the one with the higher mean recall on validation pairs, with both figures", () => {
    const better = compared(recalls(20, 40, 60), recalls(10, 40, 60))
    assert.strictEqual(better.ranking, "re-ranked")
    assert.strictEqual(
      better.reason,
      "it was better than cosine alone on 100 validation pairs of pairs: mean recall 40.0 % re-ranked, 36.7 % by cosine"
    )
    const worse = compared(recalls(2, 6, 60), recalls(13, 36, 60))
    assert.strictEqual(worse.ranking, "cosine")
    assert.strictEqual(
      worse.reason,
      "re-ranking among 10 was worse on 100 validation pairs of pairs: mean recall 22.7 % re-ranked, 36.3 % by cosine"
    )
    assert.deepStrictEqual(Object.keys(worse.validation!).sort(), ["cosine", "data", "pairs", "reranked"])
    assert.isTrue(Schema.is(Leading)(better) && Schema.is(Leading)(worse))
  })

  it("has a digit more in both figures where one would not tell them apart", () =>
    assert.match(
      compared(recalls(10, 40, 60.1), recalls(10, 40, 60)).reason,
      /^it was better .* mean recall 36\.70 % re-ranked, 36\.67 % by cosine$/
    ))

  it("is cosine alone where they are equal, also where the sums are rounded differently", () => {
    const same = compared(recalls(10, 40, 60), recalls(10, 40, 60))
    assert.strictEqual(same.ranking, "cosine")
    assert.match(same.reason, /^re-ranking among 10 was no better on 100 validation pairs/)
    const thirds = recalls(100 / 3, 200 / 3, 100, 0.1, 0.2, 0.3)
    const turned = recalls(0.1, 0.2, 0.3, 100 / 3, 200 / 3, 100)
    for (const [reranked, dual] of [
      [thirds, turned],
      [turned, thirds]
    ] as const)
      assert.deepStrictEqual(
        [compared(reranked, dual).ranking, compared(reranked, dual).reason.slice(0, 33)],
        ["cosine", "re-ranking among 10 was no better"]
      )
  })

  it("has the first row and is named in a sentence", () => {
    const rows = (leading?: Leading, images?: number) =>
      recallRows(retrieval(leading, images)).map(({ name, recalls }) => [name, recalls.tr1])
    const reranked = compared(recalls(20, 40, 60), recalls(10, 40, 60))
    const cosine = compared(recalls(10, 40, 60), recalls(20, 40, 60))
    assert.deepStrictEqual(rows(reranked), [
      ["re-ranked among 10", 1],
      ["cosine alone", 4]
    ])
    assert.deepStrictEqual(rows(cosine), [
      ["cosine alone", 4],
      ["re-ranked among 10", 1]
    ])
    assert.match(
      rankingSentences(retrieval(reranked)).join(),
      /^leading: re-ranked among 10, since it was better than cosine alone/
    )
    assert.match(rankingSentences(retrieval(cosine)).join(), /^leading: cosine alone, since re-ranking among 10 was worse/)
  })

  it("names no more candidates than there are images and texts", () => {
    const wide = betterRanking({ data: "pairs", pairs: 100, reranked: recalls(20, 40, 60), dual: recalls(10, 40, 60) }, 128)
    assert.strictEqual(recallRows(retrieval(wide, 32))[0]!.name, "re-ranked among 32")
    assert.match(rankingSentences(retrieval(wide, 32))[0]!, /^leading: re-ranked among 32, since/)
    const none = betterRanking({ data: "pairs", pairs: 30, reranked: recalls(1, 2, 3), dual: recalls(10, 40, 60) }, 128)
    assert.match(none.reason, /^re-ranking among 30 was worse on 30 validation pairs/)
    // What was recorded is compared with as many candidates as were asked for.
    assert.strictEqual(none.candidates, 128)
  })

  it("is the only row where no pairs are scored", () => {
    const alone = cosineLeads(0, "the pipeline has no stages that score pairs")
    assert.deepStrictEqual(
      recallRows(retrieval(alone)).map(({ name }) => name),
      ["cosine alone"]
    )
    assert.deepStrictEqual(rankingSentences(retrieval(alone)), [
      "leading: cosine alone, since the pipeline has no stages that score pairs"
    ])
  })

  it("is not made up for evaluations that were written before it was chosen", () => {
    assert.deepStrictEqual(
      recallRows(retrieval()).map(({ name }) => name),
      ["re-ranked", "cosine alone"]
    )
    assert.deepStrictEqual(rankingSentences(retrieval()), [])
  })

  it("comes with a sentence on a matching head that has learnt nothing", () => {
    const leading = { ...cosineLeads(10, "why"), untrained: { name: "itm", loss: 0.63712, guess: 0.6365141 } }
    assert.deepStrictEqual(rankingSentences(retrieval(leading)), [
      "leading: cosine alone, since why",
      "the matching head has learnt nothing: its loss 'itm' ended at 0.6371, a constant guess has 0.6365"
    ])
  })
})
