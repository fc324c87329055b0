import { Schema } from "effect"

const percent = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 }))

/** Recalls in percent: texts for an image (`tr`) and images for a text (`ir`), among the first 1, 5 and 10. */
export const recallFields = { tr1: percent, tr5: percent, tr10: percent, ir1: percent, ir5: percent, ir10: percent }
export const Recalls = Schema.Struct(recallFields)
export type Recalls = typeof Recalls.Type

/** The two orders of results. */
export type RankingName = "re-ranked" | "cosine"

/** The ranking to report first, and the reason: chosen on pairs that are not test pairs. */
export const Leading = Schema.Struct({
  ranking: Schema.Literals(["re-ranked", "cosine"]),
  /** Number of nearest candidates by cosine similarity that are re-ranked; 0 where the pipeline scores no pairs. */
  candidates: Schema.Int,
  /** Reason as text that continues "since". */
  reason: Schema.String,
  /** Validation data and the mean of the six recalls of each ranking; null where they could not be compared. */
  validation: Schema.NullOr(Schema.Struct({ data: Schema.String, pairs: Schema.Int, reranked: percent, cosine: percent })),
  /** Loss of the matching head that re-ranks, present where it ended no lower than that of a constant prediction. */
  untrained: Schema.optionalKey(Schema.Struct({ name: Schema.String, loss: Schema.Finite, guess: Schema.Finite }))
})
export type Leading = typeof Leading.Type

/** Mean of the six recalls. */
export const meanRecall = ({ tr1, tr5, tr10, ir1, ir5, ir10 }: Recalls): number => (tr1 + tr5 + tr10 + ir1 + ir5 + ir10) / 6

/** Mean recalls on validation pairs, re-ranked and by cosine similarity alone. */
export interface Compared {
  readonly data: string
  readonly pairs: number
  readonly reranked: Recalls
  readonly dual: Recalls
}

/** Rounding tolerance below which sums of percentages count as equal. */
const rounding = 1e-9

/** Returns the ranking with the higher mean recall on validation pairs; on a tie cosine similarity alone, which is cheaper. */
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

/** Returns cosine similarity alone as the leading ranking, since the two could not be compared. */
export const cosineLeads = (candidates: number, reason: string): Leading => ({
  ranking: "cosine",
  candidates,
  reason,
  validation: null
})

/** Display name of a ranking; `among` is the number of re-ranked candidates. */
export const rankingName = (ranking: RankingName, among: number): string =>
  ranking === "cosine" ? "cosine alone" : `re-ranked among ${among}`

/** One sentence on the leading ranking and why it leads, and one on the matching head that re-ranks where it is untrained. */
export const leadingSentences = ({ ranking, candidates, reason, untrained }: Leading, among = candidates): readonly string[] => [
  `leading: ${rankingName(ranking, among)}, since ${reason}`,
  ...(untrained === undefined
    ? []
    : [
        `the matching head has learnt nothing: its loss '${untrained.name}' ended at ${untrained.loss.toFixed(4)}, a constant guess has ${untrained.guess.toFixed(4)}`
      ])
]
