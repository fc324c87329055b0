import { pairs } from "../lib/pipeline/pipeline.ts"
import { sizes } from "../stages/encode/sizes.ts"
import { emoji } from "./emoji.ts"
import { semmimOf } from "./semmim.ts"

const white = [255, 255, 255] as const

/**
 * SemMIM on every emoji pair that may be trained on, including skin tones and captions with tags: the recipe of `emoji`, in one
 * or two hours on a laptop. `npx semmim run emoji-full`
 */
export const emojiFull = semmimOf("emoji-full", {
  source: pairs("embedded:emoji-full", "embedded:emoji-full-held-out"),
  size: sizes.mini,
  image: 48,
  patch: 8,
  length: 40, // with its tags a label has up to 67 tokens, most fewer than 40
  vocabulary: 4096,
  contrastive: { queue: 0 },
  augment: { crop: {}, flip: 0.5, operations: { fill: white } },
  training: { ...emoji.training, steps: 4000, warmup: 200, momentum: 0.98, logEvery: 20, checkpointEvery: 500 },
  retrieval: { candidates: 10 }
})
