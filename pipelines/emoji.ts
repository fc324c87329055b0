import { pairs } from "../lib/pipeline/pipeline.ts"
import { sizes } from "../stages/encode/sizes.ts"
import { semmimOf } from "./semmim.ts"

const white = [255, 255, 255] as const

/** SemMIM on emoji in six styles, in minutes on a laptop; evaluated on the drawings of a vendor it never saw. `npm start` */
export const emoji = semmimOf("emoji", {
  source: pairs("embedded:emoji", "embedded:emoji-held-out"),
  size: sizes.mini,
  picture: 48,
  patch: 12,
  length: 12,
  vocabulary: 1664,
  // Short runs want a fresh queue, a quick teacher and a temperature that does not outrun the embeddings.
  contrastive: { queue: 512, alpha: 0.2, ramp: 4, temperatureRate: 0.1 },
  augment: { crop: {}, flip: 0.5, operations: { fill: white } },
  training: {
    batch: 128,
    steps: 700,
    learningRate: 2e-3,
    warmup: 60,
    beta2: 0.98,
    momentum: 0.97,
    lossWeights: { itc: 2 },
    logEvery: 10,
    checkpointEvery: 200,
    // In so short a run the matching head is hardly trained: it may only reorder the ten nearest.
    candidates: 10
  }
})
