import { bind } from "../../lib/pipeline/bind.ts"
import { type Pipeline, pairs, pipeline } from "../../lib/pipeline/pipeline.ts"
import { trainSettings } from "../../lib/pipeline/training-settings.ts"
import { momentum } from "../../lib/pipeline/with-weights.ts"
import { judge } from "./judge.ts"
import { letters } from "./letters.ts"
import { weigh } from "./weigh.ts"

/** The dimension that is the batch of the part `others`. */
const dims = { batch: "others.batch" } as const

/** A toy pipeline whose batch has a part from another source, that is weighed by the same scales and has a loss of its own. */
export const partedPipeline = ({ batch = 4, others = 2, source = "toy:10", part = "toy:7", count = 6 } = {}): Pipeline => {
  const model = weigh({ scales: { name: "scales", width: 5 } })
  return pipeline("parted", pairs(source))
    .source("others", pairs(part), { batch: others }, (own) => own.pipe(letters({ count })))
    .pipe(letters({ count }))
    .pipe(momentum(model))
    .pipe(model)
    .pipe(bind(model, { as: "weigh.others", reads: { letters: "others.letters" }, adds: { weights: "others.weights" }, dims }))
    .pipe(judge())
    .pipe(bind(judge(), { as: "judge.others", reads: { weights: "others.weights" }, dims }))
    .train(trainSettings({ batch, steps: 10, learningRate: 0.1 }))
}
