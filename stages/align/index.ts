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
  // Adds how likely each image and text belong together: what retrieval re-ranks by.
  score: flag(scorePart)
})

/**
 * The losses that bring images and texts, or two views of an image, together (method.md §6), and whether matches are scored.
 * Throws a `SettingsError` for settings that it does not have.
 */
export const align = kind.stage

/** What the loader makes the stage from. */
export const definition = kind.definition
