import { bind } from "../lib/pipeline/bind.ts"
import { type Pipeline, pipeline } from "../lib/pipeline/pipeline.ts"
import { trainSettings } from "../lib/pipeline/training-settings.ts"
import { momentum } from "../lib/pipeline/with-weights.ts"
import { retrieval } from "../lib/task/retrieval/index.ts"
import { align, itc, itm } from "../stages/align/index.ts"
import { encode } from "../stages/encode/index.ts"
import { dualEncoder } from "../stages/encode/model.ts"
import { crossModal } from "../stages/fuse/fusion.ts"
import { fuse } from "../stages/fuse/index.ts"
import { mask, random, tokens } from "../stages/mask/index.ts"
import { patchify } from "../stages/patchify/index.ts"
import { mlm, pixel, reconstruct } from "../stages/reconstruct/index.ts"
import { tokenize, trained } from "../stages/tokenize/index.ts"
import { albefAugment, paperChoices, smallChoices } from "./albef.ts"
import { pairScore } from "./pair-score.ts"
import type { Choices } from "./semmim.ts"

/**
 * VLMAE (arXiv 2208.09374) at any size: a masked autoencoder in addition to image-text learning. The student encodes the visible
 * patches alone and fuses them with the complete text, from which a decoder predicts the masked patches' pixels.
 *
 * Only the paper's abstract is public: the sentence above is the paper's, everything else is ours, after ALBEF and MAE (He et al.
 * 2022): random masks of .75, a target of pixels normalised per patch, MAE's decoder, the text entering through the fusion's
 * image stream and not in the decoder; contrast, matching and masked words as in `albef`, with its teacher, which the pixel loss
 * does not need; all weights 1.
 */
export const vlmaeOf = (name: string, choices: Choices): Pipeline => {
  const { source, size, image, patch, length, vocabulary, contrastive, augment = albefAugment, output = "float32" } = choices
  const model = dualEncoder(size, { vocabulary })
  const fusion = crossModal(size)

  return pipeline(name, source)
    .pipe(tokenize({ vocabulary: trained({ size: vocabulary }), length }))
    .pipe(patchify({ size: image, patch, augment, output }))
    .pipe(mask({ image: random({ ratio: 0.75 }), text: tokens({ ratio: 0.15, vocabulary }) }))
    .pipe(momentum(encode({ model, passes: ["whole", "maskedText"] })))
    .pipe(encode({ model, passes: ["whole", "maskedText", "visibleImage"] }))
    .pipe(align({ contrastive: itc(contrastive) })) // also selects the hard negatives
    .pipe(momentum(fuse({ fusion, passes: ["maskedText"] }))) // soft labels of masked words
    .pipe(fuse({ fusion, passes: ["wholeText", "maskedText", "negatives"] }))
    .pipe(visibleFusion(fusion))
    .pipe(reconstruct({ image: pixel({ decoder: size.decoder }), text: mlm() }))
    .pipe(align({ matching: itm() }, "match"))
    .evaluate(retrieval({ ...choices.retrieval, score: pairScore(fusion) }))
    .train(trainSettings(choices.training), choices.expected)
}

/** Returns the same fusion for images with only some of the patches. */
const visibleFusion = (fusion: ReturnType<typeof crossModal>) =>
  bind(fuse({ fusion, passes: ["maskedImage"] }), {
    as: "fuse.visible",
    reads: { maskedImage: "visibleImage" },
    adds: { fusedMaskedImage: "fusedVisibleImage" },
    dims: { patches: "visible" }
  })

/** VLMAE on emoji, in minutes on a laptop. `npx semmim run vlmae` */
export const vlmae = vlmaeOf("vlmae", smallChoices)

/** VLMAE at base size, with MAE's decoder and ALBEF's training. `npx semmim run vlmae-base --data SOURCE` */
export const vlmaeBase = vlmaeOf("vlmae-base", paperChoices)
