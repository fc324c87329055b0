import type { Source } from "../data/source.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { derive, type Key, key } from "../random/key.ts"
import { heldOutParts, someOf } from "./subset.ts"

/** Returns the key by which held-out samples are drawn. */
export const heldOutKey = ({ training }: Pipeline): Key => derive(key(training.seed), "evaluate")

/** Number of held-out samples that a run is tested on, and the path of the setting that holds it. */
export interface TestSize {
  readonly setting: string
  readonly count: number
}

/** Returns the test samples of a run. */
export const testSamples = (heldOut: Source, pipeline: Pipeline, { count }: TestSize): Source =>
  someOf(heldOut, count, heldOutKey(pipeline))

/** Minimum number of samples to make choices on: recall at 10 over fewer is uninformative. */
export const fewestSamples = 20

/** Maximum number of validation samples, and their number where a run has no test samples. */
const most = 400
const unlessMeasured = 100

/** Returns the number of validation samples for a number of test samples: as many, within bounds. */
const wanted = (test: number): number => (test === 0 ? unlessMeasured : Math.max(fewestSamples, Math.min(most, test)))

/** Held-out samples to make choices on, or the reason why there are none. */
export type Validation = { readonly source: Source } | { readonly lacks: string }

/** Returns a pipeline's name for its held-out data; a worker may read the same data from its own shards. */
export const heldOutName = ({ source }: Pipeline, { name }: Source): string => source.heldOut ?? name

/** Returns at most `count` held-out samples of a source that are not among a run's test samples. */
export const validationOf = (heldOut: Source, pipeline: Pipeline, test: TestSize, count = wanted(test.count)): Validation => {
  const all = heldOut.count
  const name = heldOutName(pipeline, heldOut)
  const measured = `${test.setting}=${test.count}`
  const { validation } = heldOutParts(heldOut, test.count, Math.max(fewestSamples, count), heldOutKey(pipeline))
  if (validation.count >= fewestSamples) return { source: validation }
  return {
    lacks:
      test.count >= all
        ? `all ${all} held-out samples of ${name} are measured (${measured})`
        : `${validation.count} of the ${all} held-out samples of ${name} are apart from those measured (${measured}), fewer than ${fewestSamples}`
  }
}
