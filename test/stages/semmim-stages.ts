import { chain } from "../../lib/pipeline/pipeline.ts"
import type { TensorStage } from "../../lib/pipeline/stage.ts"
import { momentum } from "../../lib/pipeline/with-weights.ts"
import { tensor } from "../../lib/tensor/field.ts"
import { agreement } from "../../stages/align/agreement.ts"
import { align } from "../../stages/align/index.ts"
import { itc } from "../../stages/align/itc.ts"
import { itm } from "../../stages/align/itm.ts"
import { encode } from "../../stages/encode/index.ts"
import type { Model } from "../../stages/encode/model.ts"
import type { Fusion } from "../../stages/fuse/fusion.ts"
import { fuse } from "../../stages/fuse/index.ts"
import { mask, textGuided, tokens } from "../../stages/mask/index.ts"
import { mlm, reconstruct, semantic } from "../../stages/reconstruct/index.ts"
import type { PrototypeHead } from "../../stages/reconstruct/prototype-head.ts"

/** The fields that the host gives, batched. */
export const hostFields = {
  group: tensor("int32", "batch"),
  tokens: tensor("int32", "batch", "tokens"),
  tokenMask: tensor("bool", "batch", "tokens"),
  patches: tensor("float32", "batch", "patches", "pixels"),
  secondPatches: tensor("float32", "batch", "patches", "pixels")
}

/** The tensor stages of SemMIM (method.md §1), wired by the typed chain. */
export const semmimStages = (model: Model, fusion: Fusion, space: PrototypeHead, queue: number): readonly TensorStage[] =>
  chain(hostFields)
    .pipe(momentum(encode({ model, passes: ["whole", "secondView"] })))
    .pipe(mask({ image: textGuided(), text: tokens({ vocabulary: model.text.vocabulary }) }))
    .pipe(momentum(encode({ model, passes: ["maskedText"] }, "encodeMasked")))
    .pipe(encode({ model, passes: ["whole", "maskedImage", "maskedText"] }))
    .pipe(align({ contrastive: itc({ queue }), agreement: agreement({ space }) }))
    .pipe(momentum(fuse({ fusion, passes: ["whole", "maskedText"] })))
    .pipe(fuse({ fusion, passes: ["whole", "maskedImage", "maskedText", "negatives"] }))
    .pipe(reconstruct({ image: semantic({ space }), text: mlm() }))
    .pipe(align({ matching: itm() }, "match"))
    .stages.filter((stage) => stage.kind === "tensor")
