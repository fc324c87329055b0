import { pairs } from "../lib/pipeline/pipeline.ts"
import { sizes } from "../stages/encode/sizes.ts"
import { semmimOf } from "./semmim.ts"

/** SemMIM on 32 pairs, for tests: it must overfit them. `npx semmim run tiny` */
export const tiny = semmimOf("tiny", {
  source: pairs("embedded:emoji-tiny", "embedded:emoji-tiny"),
  size: sizes.tiny,
  image: 32,
  patch: 8,
  length: 12,
  vocabulary: 512,
  contrastive: { queue: 64 },
  augment: null,
  training: { batch: 16, steps: 300, learningRate: 3e-3, warmup: 20, momentum: 0.9, checkpointEvery: 100 },
  retrieval: { pairs: 32 },
  zeroShot: { data: "embedded:emoji-labels-held-out", images: 0 } // none by default
})
