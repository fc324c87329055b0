import { Schema } from "effect"

const percent = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 }))

/** Recalls in percent: text for an image and image for a text, among the first 1, 5 and 10. */
export const recallFields = { tr1: percent, tr5: percent, tr10: percent, ir1: percent, ir5: percent, ir10: percent }
export const Recalls = Schema.Struct(recallFields)
export type Recalls = typeof Recalls.Type

/** The two orders in which what was found can be shown. */
export type RankingName = "re-ranked" | "cosine"

/** Which ranking leads, and why: chosen on pairs that no figure is measured on. */
export const Leading = Schema.Struct({
  ranking: Schema.Literals(["re-ranked", "cosine"]),
  /** How many nearest by cosine are re-ranked; 0 where the pipeline scores no pairs. */
  candidates: Schema.Int,
  /** In words, as what follows "since". */
  reason: Schema.String,
  /** Where the two were compared, and the mean of the six recalls of each; null where they could not be. */
  validation: Schema.NullOr(Schema.Struct({ data: Schema.String, pairs: Schema.Int, reranked: percent, cosine: percent })),
  /** The loss of the matching that re-ranks, where it ended no lower than that of a constant guess. */
  untrained: Schema.optionalKey(Schema.Struct({ name: Schema.String, loss: Schema.Finite, guess: Schema.Finite }))
})
export type Leading = typeof Leading.Type

/** The mean of the six recalls. */
export const meanRecall = ({ tr1, tr5, tr10, ir1, ir5, ir10 }: Recalls): number => (tr1 + tr5 + tr10 + ir1 + ir5 + ir10) / 6

/** Recalls on validation pairs, re-ranked and by cosine alone. */
export interface Compared {
  readonly data: string
  readonly pairs: number
  readonly reranked: Recalls
  readonly dual: Recalls
}

/** What sums of percentages may differ by though they are equal. */
const rounding = 1e-9

/** The ranking with the higher mean recall on validation pairs; where they are equal cosine alone, which is cheaper. */
export const betterRanking = ({ data, pairs, reranked, dual }: Compared, candidates: number): Leading => {
  const means = { reranked: meanRecall(reranked), cosine: meanRecall(dual) }
  const difference = means.reranked - means.cosine
  const better = difference > rounding
  const digits = means.reranked.toFixed(1) === means.cosine.toFixed(1) && Math.abs(difference) > rounding ? 2 : 1
  const figures = `mean recall ${means.reranked.toFixed(digits)} % re-ranked, ${means.cosine.toFixed(digits)} % by cosine`
  const compared = better
    ? "it was better than cosine alone"
    : `re-ranking among ${Math.min(candidates, pairs)} was ${difference > -rounding ? "no better" : "worse"}`
  return {
    ranking: better ? "re-ranked" : "cosine",
    candidates,
    reason: `${compared} on ${pairs} validation pairs of ${data}: ${figures}`,
    validation: { data, pairs, ...means }
  }
}

/** Cosine alone, since the two could not be compared. */
export const cosineLeads = (candidates: number, reason: string): Leading => ({
  ranking: "cosine",
  candidates,
  reason,
  validation: null
})

/** A ranking's name for people; `among` is how many were re-ranked. */
export const rankingName = (ranking: RankingName, among: number): string =>
  ranking === "cosine" ? "cosine alone" : `re-ranked among ${among}`

/** The leading ranking and why it leads, and what is to be said of the matching that re-ranks: a sentence each. */
export const leadingSentences = ({ ranking, candidates, reason, untrained }: Leading, among = candidates): readonly string[] => [
  `leading: ${rankingName(ranking, among)}, since ${reason}`,
  ...(untrained === undefined
    ? []
    : [
        `the matching head has learnt nothing: its loss '${untrained.name}' ended at ${untrained.loss.toFixed(4)}, a constant guess has ${untrained.guess.toFixed(4)}`
      ])
]
