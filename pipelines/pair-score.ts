import { chain } from "../lib/pipeline/pipeline.ts"
import type { Stages } from "../lib/pipeline/task.ts"
import { states, tensor } from "../lib/tensor/field.ts"
import { align } from "../stages/align/index.ts"
import type { Fusion } from "../stages/fuse/fusion.ts"
import { fuse } from "../stages/fuse/index.ts"

/** States of encoded pairs that scoring starts from. */
const pairStates = {
  imageStates: states("float32", "batch", "patches+1", "width"),
  textStates: states("float32", "batch", "tokens", "width"),
  tokenMask: tensor("bool", "batch", "tokens")
}

/** Returns the stages that score an encoded pair for re-ranking in retrieval: the matching head on the fused text. */
export const pairScore = (fusion: Fusion, pass: "attention" | "textAttention" = "attention"): Stages =>
  chain(pairStates)
    .pipe(fuse({ fusion, passes: [pass] }, "score.fuse"))
    .pipe(align({ score: true }, "score"))
