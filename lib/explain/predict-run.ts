import type { TrainSettings } from "../pipeline/training-settings.ts"
import type { MeasuredStep, RunMeasures } from "./measure-run.ts"

/** Threads that a run has. */
export interface RunThreads {
  /** Threads of the engine. */
  readonly threads: number
  /** Threads that read batches; 0 for the main thread. */
  readonly workers: number
  readonly cores: number
}

/** Predicted time and memory of a run. */
export interface Prediction {
  readonly batch: number
  /** Seconds of a step's computation alone. */
  readonly computeSeconds: number
  /** Seconds per step in the first epoch, when nothing is cached, and in later ones. */
  readonly firstStepSeconds: number
  readonly laterStepSeconds: number
  /** Steps in the first epoch. */
  readonly firstSteps: number
  readonly steps: number
  /** Seconds from the start to the last step; checkpoints, evaluation and report are not included. */
  readonly runSeconds: number
  /** Peak resident memory in bytes. */
  readonly peakBytes: number
}

/** Seconds of a step at some batch size: measured, linear through two measurements, or scaled by the ratio of operations. */
const computeSecondsAt = (steps: readonly MeasuredStep[], batch: number, flops: number): number => {
  const last = steps.at(-1)!
  if (last.batch === batch) return last.seconds
  const first = steps[0]!
  const slope = (last.seconds - first.seconds) / (last.batch - first.batch)
  return slope > 0 ? last.seconds + slope * (batch - last.batch) : (last.seconds * flops) / last.plan.flops
}

/** Returns the seconds of a step that runs while the next batch is read, which takes `reading` seconds of one thread. */
const besideReading = (compute: number, reading: number, { threads, workers, cores }: RunThreads): number =>
  workers === 0 ? compute + reading : Math.max(compute, reading / workers, (compute * Math.min(threads, cores) + reading) / cores)

/** Predicts a run's time and memory from measurements; a pure function. */
export const predictRun = (measures: RunMeasures, training: TrainSettings, threads: RunThreads): Prediction => {
  const { steps: measured, reading, plan, samples } = measures
  const { batch, steps } = training
  const last = measured.at(-1)!
  const computeSeconds = computeSecondsAt(measured, batch, plan.flops)
  const firstStepSeconds = besideReading(computeSeconds, reading.firstSeconds * batch, threads)
  const laterStepSeconds = besideReading(computeSeconds, reading.laterSeconds * batch, threads)
  const firstSteps = Math.min(steps, Math.ceil(samples / batch))
  return {
    batch,
    computeSeconds,
    firstStepSeconds,
    laterStepSeconds,
    firstSteps,
    steps,
    runSeconds: last.readySeconds + firstSteps * firstStepSeconds + (steps - firstSteps) * laterStepSeconds,
    peakBytes: last.peakBytes + Math.max(0, plan.peakBytes - last.plan.peakBytes)
  }
}
