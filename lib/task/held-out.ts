import type { Source } from "../data/source.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import { derive, type Key, key } from "../random/key.ts"
import { heldOutParts, someOf } from "./subset.ts"

/** The key by which held-out samples are drawn. */
export const heldOutKey = ({ training }: Pipeline): Key => derive(key(training.seed), "evaluate")

/** How many held-out samples a run measures, and the setting that says so. */
export interface TestSize {
  readonly setting: string
  readonly count: number
}

/** The held-out samples that a run measures. */
export const testSamples = (heldOut: Source, pipeline: Pipeline, { count }: TestSize): Source =>
  someOf(heldOut, count, heldOutKey(pipeline))

/** The fewest samples that choices are made by: recall at 10 among fewer says little. */
export const fewestSamples = 20

/** The most samples that choices are made by, and how many where a run measures none. */
const most = 400
const unlessMeasured = 100

/** How many samples choices are made by, where so many are measured: as many, within bounds. */
const wanted = (test: number): number => (test === 0 ? unlessMeasured : Math.max(fewestSamples, Math.min(most, test)))

/** Held-out samples that choices are made by, or in words why there are none. */
export type Validation = { readonly source: Source } | { readonly lacks: string }

/** What a pipeline calls its held-out data: a worker may read the same from shards of its own. */
export const heldOutName = ({ source }: Pipeline, { name }: Source): string => source.heldOut ?? name

/** The held-out samples of a source beside those that a run measures, at most `count` of them. */
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
