import { chain, type Pipeline, pairs, pipeline } from "../../../lib/pipeline/pipeline.ts"
import { trainSettings } from "../../../lib/pipeline/training-settings.ts"
import { momentum } from "../../../lib/pipeline/with-weights.ts"
import { retrieval } from "../../../lib/task/retrieval/index.ts"
import { states, tensor } from "../../../lib/tensor/field.ts"
import { align } from "../../../stages/align/index.ts"
import { encode } from "../../../stages/encode/index.ts"
import { dualEncoder } from "../../../stages/encode/model.ts"
import { sizes } from "../../../stages/encode/sizes.ts"
import { crossModal } from "../../../stages/fuse/fusion.ts"
import { fuse } from "../../../stages/fuse/index.ts"
import { mask } from "../../../stages/mask/index.ts"
import { textGuided } from "../../../stages/mask/text-guided.ts"
import { patchify } from "../../../stages/patchify/index.ts"
import { tokenize, trained } from "../../../stages/tokenize/index.ts"

const vocabulary = 400
const model = dualEncoder(sizes.tiny, { vocabulary })
const fusion = crossModal(sizes.tiny)

const states2 = {
  imageStates: states("float32", "batch", "patches+1", "width"),
  textStates: states("float32", "batch", "tokens", "width"),
  tokenMask: tensor("bool", "batch", "tokens")
}

/** What scores a pair. */
export const tinyScore = chain(states2)
  .pipe(fuse({ fusion, passes: ["attention"] }, "score.fuse"))
  .pipe(align({ score: true }, "score"))

/** The parts of a pipeline that evaluation and reports use, small: 16 patches, 12 tokens, a mask by the teacher, a score. */
export const tinyPipeline: Pipeline = pipeline("tiny", pairs("embedded:emoji"))
  .pipe(tokenize({ vocabulary: trained({ size: vocabulary }), length: 12 }))
  .pipe(patchify({ size: 32, patch: 8 }))
  .pipe(momentum(encode({ model, passes: ["whole"] })))
  .pipe(mask({ image: textGuided() }))
  .pipe(encode({ model, passes: ["whole", "maskedImage"] }))
  .pipe(fuse({ fusion, passes: ["whole", "maskedImage"] }))
  .evaluate(retrieval({ score: tinyScore }))
  .train(trainSettings({ batch: 4, steps: 1, learningRate: 0.001 }))
