import { flag, oneOf, slotStage } from "../../lib/pipeline/slot.ts"
import { agreement, mutualAgreement } from "./agreement.ts"
import { itc } from "./itc.ts"
import { itm, scorePart } from "./itm.ts"

export { agreement, mutualAgreement } from "./agreement.ts"
export { itc } from "./itc.ts"
export { itm } from "./itm.ts"

const kind = slotStage("align", 1, {
  contrastive: oneOf(itc),
  agreement: oneOf(agreement, mutualAgreement),
  matching: oneOf(itm),
  // Adds the probability that each image and text match, by which retrieval re-ranks.
  score: flag(scorePart)
})

/**
 * Losses that align images and texts, or two views of an image (method.md §6), and the scoring of matches. Throws a
 * `SettingsError` for unknown settings.
 */
export const align = kind.stage

/** Definition from which the loader makes the stage. */
export const definition = kind.definition
