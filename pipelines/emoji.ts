import { pairs } from "../lib/pipeline/pipeline.ts"
import { sizes } from "../stages/encode/sizes.ts"
import { semmimOf } from "./semmim.ts"

const white = [255, 255, 255] as const

/** SemMIM on emoji by three vendors, in minutes on a laptop; evaluated on a fourth vendor's drawings. `npm start` */
export const emoji = semmimOf("emoji", {
  source: pairs("embedded:emoji", "embedded:emoji-held-out"),
  size: sizes.mini,
  picture: 48,
  patch: 8,
  length: 16,
  vocabulary: 1664,
  contrastive: { queue: 512, alpha: 0.2, ramp: 4, temperatureRate: 0.05 },
  augment: { crop: {}, flip: 0.5, operations: { fill: white } },
  training: {
    batch: 64,
    steps: 600,
    learningRate: 1e-3,
    warmup: 50,
    momentum: 0.98,
    logEvery: 10,
    checkpointEvery: 200,
    candidates: 32
  }
})
