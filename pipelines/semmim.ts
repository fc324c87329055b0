import type { Expected } from "../lib/pipeline/expected.ts"
import { type Pipeline, pairs, pipeline, type SourceData } from "../lib/pipeline/pipeline.ts"
import { trainSettings } from "../lib/pipeline/training-settings.ts"
import { momentum } from "../lib/pipeline/with-weights.ts"
import { retrieval } from "../lib/task/retrieval/index.ts"
import { zeroShot } from "../lib/task/zero-shot/index.ts"
import { agreement, align, itc, itm } from "../stages/align/index.ts"
import { encode } from "../stages/encode/index.ts"
import { dualEncoder } from "../stages/encode/model.ts"
import { type Size, sizes } from "../stages/encode/sizes.ts"
import { crossModal } from "../stages/fuse/fusion.ts"
import { fuse } from "../stages/fuse/index.ts"
import { mask, textGuided, tokens } from "../stages/mask/index.ts"
import { patchify, pretraining } from "../stages/patchify/index.ts"
import type { Augment } from "../stages/patchify/settings.ts"
import { mlm, prototypeHead, reconstruct, semantic } from "../stages/reconstruct/index.ts"
import { tokenize, trained } from "../stages/tokenize/index.ts"
import { pairScore } from "./pair-score.ts"

/** Settings that differ between SemMIM experiments; the rest is the method. */
export interface Choices {
  readonly source: SourceData
  readonly size: Size
  /** Side length of an image and of a patch, in pixels. */
  readonly image: number
  readonly patch: number
  /** Number of tokens of a text, including [CLS] and [SEP]. */
  readonly length: number
  readonly vocabulary: number
  readonly contrastive: Parameters<typeof itc>[0]
  readonly augment?: typeof Augment.Encoded | null
  /** Type of image inputs: normalised float32, or bytes, a quarter of the size. */
  readonly output?: "float32" | "uint8"
  readonly training: Parameters<typeof trainSettings>[0]
  /** Number of held-out pairs to evaluate on, and of candidates to re-rank. */
  readonly retrieval?: { readonly pairs?: number; readonly candidates?: number }
  /** Settings of zero-shot classification of labelled images, if any. */
  readonly zeroShot?: Parameters<typeof zeroShot>[0]
  /** Metrics of runs with several seeds. */
  readonly expected?: Expected
}

/** SemMIM (arXiv 2403.00249) at any size: the order of the stages is the data flow (method.md §1). */
export const semmimOf = (name: string, choices: Choices): Pipeline => {
  const { source, size, image, patch, length, vocabulary, contrastive, augment = pretraining, output = "float32" } = choices
  const model = dualEncoder(size, { vocabulary })
  const fusion = crossModal(size)
  const head = prototypeHead(size.space) // one head, shared by [CLS] and patches: the core of SemMIM

  const written = pipeline(name, source)
    .pipe(tokenize({ vocabulary: trained({ size: vocabulary }), length }))
    .pipe(patchify({ size: image, patch, views: 2, augment, output }))
    .pipe(momentum(encode({ model, passes: ["whole", "secondView"] }))) // guides the mask
    .pipe(mask({ image: textGuided({ ratio: 0.5 }), text: tokens({ ratio: 0.15, vocabulary }) }))
    .pipe(encode({ model, passes: ["whole", "maskedImage", "maskedText"] }))
    .pipe(align({ contrastive: itc(contrastive), agreement: agreement({ space: head }) })) // also selects the hard negatives
    .pipe(momentum(encode({ model, passes: ["maskedText"] }, "encode.maskedText")))
    .pipe(momentum(fuse({ fusion, passes: ["whole", "maskedText"] }))) // text-injected teacher states: the targets
    .pipe(fuse({ fusion, passes: ["whole", "maskedImage", "maskedText", "negatives"] }))
    .pipe(reconstruct({ image: semantic({ space: head }), text: mlm() }))
    .pipe(align({ matching: itm() }, "match"))
    .evaluate(retrieval({ ...choices.retrieval, score: pairScore(fusion) }))
  const evaluated = choices.zeroShot ? written.evaluate(zeroShot(choices.zeroShot)) : written
  return evaluated.train(trainSettings(choices.training), choices.expected)
}

/** Base size and paper scale: ALBEF's settings, which are SemMIM's too where the paper's are not public (method.md §2, §7). */
export const baseChoices: Choices = {
  source: pairs("embedded:emoji-full", "embedded:emoji-full-held-out"),
  size: sizes.base,
  image: 256,
  patch: 16,
  length: 30,
  vocabulary: 30_522,
  contrastive: { queue: 65_536 },
  output: "uint8", // transferred to a GPU in each step
  training: {
    batch: 512,
    steps: 240_000,
    learningRate: 1e-4,
    finalLearningRate: 1e-5,
    warmup: 2000,
    checkpointEvery: 1000,
    logEvery: 10
  },
  // A brief evaluation at the end of a run; `semmim evaluate retrieval` evaluates a trained model on any number of pairs.
  retrieval: { pairs: 64, candidates: 8 }
}

/**
 * SemMIM at base size and paper scale: `npx semmim run semmim --data SOURCE`. Settings are ALBEF's where the paper's are not
 * public (method.md §2, §7); one epoch of 4 M pairs is 8,000 steps.
 */
export const semmim = semmimOf("semmim", baseChoices)
