import type { DataTables } from "../../lib/data/host/host-stages.ts"
import { type Pipeline, pairs, pipeline } from "../../lib/pipeline/pipeline.ts"
import { trainSettings } from "../../lib/pipeline/training-settings.ts"
import { frozen, momentum } from "../../lib/pipeline/with-weights.ts"
import type { TaskTable } from "../../lib/task/task.ts"
import * as judge from "./judge.ts"
import * as letters from "./letters.ts"
import { openToySource } from "./source.ts"
import * as tally from "./tally.ts"
import * as weigh from "./weigh.ts"

/** The toy stages and sources by name. */
export const toyTables: DataTables & { readonly tasks: TaskTable } = {
  stages: { letters: letters.definition, weigh: weigh.definition, judge: judge.definition },
  tasks: { tally: tally.definition },
  openSource: openToySource
}

/** A pipeline of a host stage, a tensor stage as teacher and as student, and a loss. */
export const toyPipeline = ({ batch = 4, source = "toy:10", count = 6 } = {}): Pipeline => {
  const model = weigh.weigh({ scales: { name: "scales", width: 5 } })
  return pipeline("toy", pairs(source))
    .pipe(letters.letters({ count }))
    .pipe(momentum(model))
    .pipe(model)
    .pipe(judge.judge())
    .train(trainSettings({ batch, steps: 10, learningRate: 0.1 }))
}

const start = ({ batch = 4, source = "toy:10", count = 6 }) => ({
  begun: pipeline("toy", pairs(source)).pipe(letters.letters({ count })),
  model: weigh.weigh({ scales: { name: "scales", width: 5 } }),
  training: trainSettings({ batch, steps: 10, learningRate: 0.1 })
})

/** The same without a teacher. */
export const untaughtPipeline = (given: Parameters<typeof toyPipeline>[0] = {}): Pipeline => {
  const { begun, model, training } = start(given)
  return begun.pipe(model).pipe(judge.judge()).train(training)
}

interface RuledOptions extends NonNullable<Parameters<typeof toyPipeline>[0]> {
  readonly digest?: string | null
}

/** The toy pipeline whose student is to meet what scales with the weights of a run or a model say, a frozen set called `ruler`. */
export const ruledPipeline = (from: string, { digest = null as string | null, ...given }: RuledOptions = {}): Pipeline => {
  const { begun, model, training } = start(given)
  return begun
    .pipe(momentum(model))
    .pipe(frozen(model, { name: "ruler", from, digest }))
    .pipe(model)
    .pipe(judge.judgeAgainst("ruler.weights"))
    .train(training)
}
