import { pairs } from "../lib/pipeline/pipeline.ts"
import { sizes } from "../stages/encode/sizes.ts"
import { semmimOf } from "./semmim.ts"

/** SemMIM on emoji by three vendors, in minutes on a laptop; evaluated on a fourth vendor's drawings. `npm start` */
export const emoji = semmimOf("emoji", {
  source: pairs("embedded:emoji", "embedded:emoji-held-out"),
  size: sizes.mini,
  picture: 48,
  patch: 8,
  length: 16,
  vocabulary: 2048,
  queue: 2048,
  training: {
    batch: 64,
    steps: 600,
    learningRate: 1e-3,
    warmup: 50,
    momentum: 0.98,
    logEvery: 10,
    checkpointEvery: 200,
    evaluate: 400
  }
})
