import type { RunMeasures } from "../explain/measure-run.ts"
import type { Prediction, RunThreads } from "../explain/predict-run.ts"
import { compact } from "../log/compact.ts"
import { duration } from "../log/duration.ts"
import { table } from "../log/table.ts"
import { thisProcessor } from "../machine/processor.ts"

const milliseconds = (seconds: number): string => `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`
const whole = (n: number): string => n.toLocaleString("en-US")

/** Formats the predicted time and memory of a run on this machine, and the measurements that they are based on. */
export const predictionText = (
  { reading, steps, largestBatch, availableBytes }: RunMeasures,
  prediction: Prediction,
  { threads, workers, cores }: RunThreads,
  engine: string
): string => {
  const { batch, computeSeconds, firstStepSeconds, laterStepSeconds, firstSteps, runSeconds, peakBytes } = prediction
  const at = (seconds: number): string => (seconds < 1 ? milliseconds(seconds) : duration(seconds))
  const last = steps.at(-1)!
  const measured = steps.map((step) => `batch ${step.batch}: ${at(step.seconds)}`).join("; ")
  const rows = [
    ["a step", at(computeSeconds), last.batch === batch ? `measured (${measured})` : `from ${measured}, measured`],
    [
      "reading",
      `${milliseconds(reading.firstSeconds)} a sample`,
      `by one thread, measured on ${whole(reading.samples)}; in later epochs, from the cache, ${milliseconds(reading.laterSeconds)}`
    ],
    [
      `${whole(prediction.steps)} steps`,
      duration(runSeconds),
      `ready after ${duration(last.readySeconds)}, ${whole(firstSteps)} steps of ${at(firstStepSeconds)}${
        firstSteps < prediction.steps ? `, then ${at(laterStepSeconds)}` : ""
      }; checkpoints and evaluation come on top`
    ],
    [
      "memory",
      compact(peakBytes, "B"),
      `${last.batch === batch ? "measured" : `measured at batch ${last.batch}, and the compiler's plan from there`}; ${compact(availableBytes, "B")} free`
    ],
    [
      "largest batch",
      largestBatch === 0 ? "none fits" : `about ${whole(largestBatch)}`,
      "by the compiler's plan and the stages' settings, in the memory that is free"
    ]
  ]
  const where = `${engine}, ${threads} threads, ${workers} reading, ${cores} cores ${thisProcessor().kind}`
  return `On this machine (${where}):\n${table(rows[0]!, rows.slice(1))}`
}
