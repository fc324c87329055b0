import type { Expected } from "../lib/pipeline/expected.ts"
import { pairs } from "../lib/pipeline/pipeline.ts"
import { sizes } from "../stages/encode/sizes.ts"
import { semmimOf } from "./semmim.ts"

/**
 * PLACEHOLDER: these numbers were never measured. What `npx semmim run emoji --seed N` came to, N = 0, 1, 2: the recalls of the
 * ranking that leads, as evaluation.json has them, in the order of the seeds.
 */
const expected: Expected = {
  seeds: [0, 1, 2],
  recalls: {
    tr1: [14, 15, 16],
    tr5: [40, 41, 42],
    tr10: [58, 59, 60],
    ir1: [14, 15, 16],
    ir5: [40, 41, 42],
    ir10: [58, 59, 60]
  },
  processor: "x64-avx2",
  measured: "PLACEHOLDER, not measured"
}

/** SemMIM on emoji in six styles, in minutes on a laptop; evaluated on the drawings of a vendor it never saw. `npm start` */
export const emoji = semmimOf("emoji", {
  source: pairs("embedded:emoji", "embedded:emoji-held-out"),
  size: sizes.mini,
  picture: 48,
  patch: 12,
  length: 12,
  vocabulary: 1664,
  // A short run wants a quick teacher. Its features of a few steps ago are then strangers to those of now, so there is no queue:
  // with one of 512 the same run ends 10 to 15 points lower.
  contrastive: { queue: 0, alpha: 0.2, ramp: 4 },
  augment: { crop: { scale: [0.8, 1] }, flip: 0.5 },
  training: {
    batch: 128,
    steps: 850,
    learningRate: 2e-3,
    warmup: 60,
    beta2: 0.98,
    momentum: 0.95,
    lossWeights: { itc: 2 },
    logEvery: 10,
    checkpointEvery: 200,
    // In so short a run the matching head is hardly trained: it may only reorder the ten nearest.
    candidates: 10,
    // The rate is high: slices drift apart within a round while it is, so rounds are of one step then and of 20 at the end. Without an
    // outer momentum: in rounds of 20 steps throughout, DiLoCo's .9 ended at 6.5 where none ended at 11.4 (mean of R@1).
    rounds: { localSteps: 20, growth: 1, rate: 1, momentum: 0 }
  },
  expected
})
