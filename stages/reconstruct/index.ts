import { oneOf, slotStage } from "../../lib/pipeline/slot.ts"
import { mlm } from "./mlm.ts"
import { pixel } from "./pixel.ts"
import { semantic } from "./semantic.ts"

export { mlm } from "./mlm.ts"
export { pixel } from "./pixel.ts"
export { prototypeHead } from "./prototype-head.ts"
export { semantic } from "./semantic.ts"

const kind = slotStage("reconstruct", 1, { image: oneOf(semantic, pixel), text: oneOf(mlm) })

/**
 * Losses of masked image modelling and masked language modelling (method.md §5), either or both: the target of each is a setting.
 * Throws a `SettingsError` for unknown settings.
 */
export const reconstruct = kind.stage

/** Definition from which the loader makes the stage. */
export const definition = kind.definition
