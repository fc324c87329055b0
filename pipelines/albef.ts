import { type Pipeline, pairs, pipeline } from "../lib/pipeline/pipeline.ts"
import { trainSettings } from "../lib/pipeline/training-settings.ts"
import { momentum } from "../lib/pipeline/with-weights.ts"
import { retrieval } from "../lib/task/retrieval/index.ts"
import { align, itc, itm } from "../stages/align/index.ts"
import { encode } from "../stages/encode/index.ts"
import { dualEncoder } from "../stages/encode/model.ts"
import { sizes } from "../stages/encode/sizes.ts"
import { crossModal } from "../stages/fuse/fusion.ts"
import { fuse } from "../stages/fuse/index.ts"
import { mask, tokens } from "../stages/mask/index.ts"
import { patchify } from "../stages/patchify/index.ts"
import type { Augment } from "../stages/patchify/settings.ts"
import { mlm, reconstruct } from "../stages/reconstruct/index.ts"
import { tokenize, trained } from "../stages/tokenize/index.ts"
import { emoji } from "./emoji.ts"
import { pairScore } from "./pair-score.ts"
import { baseChoices, type Choices } from "./semmim.ts"

/**
 * ALBEF (Li et al. 2021, arXiv 2107.07651) at any size: contrast before fusion, then matching and masked words on the fused text,
 * each with a momentum teacher; no masked images.
 *
 * From the paper: the losses and their weights, hard negatives from the contrast, the queue, the teacher's weight in the targets,
 * a text stream that attends to the image encoder's last states in each of its layers, .15 of the words masked. Differences
 * *(ours)*: a text keeps its [SEP]; masked words are averaged per text, not per batch; gradients are clipped at 3 (method.md §6,
 * §7).
 */
export const albefOf = (name: string, choices: Choices): Pipeline => {
  const { source, size, image, patch, length, vocabulary, contrastive, augment = albefAugment, output = "float32" } = choices
  const model = dualEncoder(size, { vocabulary })
  const fusion = crossModal(size, { kind: "textStream" })

  return pipeline(name, source)
    .pipe(tokenize({ vocabulary: trained({ size: vocabulary }), length }))
    .pipe(patchify({ size: image, patch, augment, output }))
    .pipe(mask({ text: tokens({ ratio: 0.15, vocabulary }) }))
    .pipe(momentum(encode({ model, passes: ["whole", "maskedText"] })))
    .pipe(encode({ model, passes: ["whole", "maskedText"] }))
    .pipe(align({ contrastive: itc(contrastive) })) // also selects the hard negatives
    .pipe(momentum(fuse({ fusion, passes: ["maskedText"] }))) // soft labels of masked words
    .pipe(fuse({ fusion, passes: ["wholeText", "maskedText", "negatives"] }))
    .pipe(reconstruct({ text: mlm() }))
    .pipe(align({ matching: itm() }, "match"))
    .evaluate(retrieval({ ...choices.retrieval, score: pairScore(fusion, "textAttention") }))
    .train(trainSettings(choices.training), choices.expected)
}

/** The paper's augmentation; RandAugment without colour operations *(ours)*. */
export const albefAugment: typeof Augment.Encoded = { crop: { scale: [0.2, 1] }, flip: 0.5, operations: {} }

/**
 * Settings shared by ALBEF and the pipelines built on it at a size for a single machine: data, sizes and training are those of
 * `emoji` *(ours)*.
 */
export const smallChoices: Choices = {
  source: pairs("embedded:emoji", "embedded:emoji-held-out"),
  size: sizes.mini,
  image: 48,
  patch: 8,
  length: 12,
  vocabulary: 1664,
  contrastive: { queue: 0, alpha: 0.2, ramp: 4 },
  augment: { crop: { scale: [0.8, 1] }, flip: 0.5 },
  training: emoji.training,
  retrieval: { candidates: 10 }
}

/** The paper's settings; its texts have 25 tokens, these 30, and one epoch of its 4 M pairs is 8,000 steps. */
export const paperChoices: Choices = {
  ...baseChoices,
  contrastive: { queue: 65_536, alpha: 0.4, ramp: 1, temperature: 0.07 },
  training: { ...baseChoices.training, weightDecay: 0.02, momentum: 0.995 }
}

/** ALBEF on emoji, in minutes on a laptop. `npx semmim run albef` */
export const albef = albefOf("albef", smallChoices)

/** ALBEF at base size and the paper's scale. `npx semmim run albef-base --data SOURCE` */
export const albefBase = albefOf("albef-base", paperChoices)
