import { arch, availableParallelism, platform, totalmem } from "node:os"
import type { Engine } from "../engine/engine.ts"
import { thisProcessor } from "../machine/processor.ts"
import { type Pipeline, type StageRecord, toData } from "../pipeline/pipeline.ts"
import { type EarlierSteps, environmentText } from "../run-folder/environment.ts"
import type { Pairs } from "./data.ts"

const leaves = (value: unknown, path: string): Pairs => {
  if (Array.isArray(value))
    return [[path, value.map((item) => (typeof item === "object" ? JSON.stringify(item) : String(item))).join(", ")]]
  if (value !== null && typeof value === "object")
    return Object.entries(value).flatMap(([name, inner]) => leaves(inner, path === "" ? name : `${path}.${name}`))
  return [[path, String(value)]]
}

/** Returns every setting of a pipeline: its path, which begins with the stage's name, and its value. */
export const settingPairs = (pipeline: Pipeline): Pairs => {
  const { source, stages, tasks, training } = toData(pipeline)
  const ofStage = ({ as, weights = "student", settings }: StageRecord): Pairs => {
    if (typeof weights === "string") return leaves(settings, weights === "teacher" ? `momentum(${as})` : as)
    const { frozen, from, digest } = weights
    return leaves({ ...(settings as object), from, sha256: digest }, `${frozen}.${as}`)
  }
  return [
    ...leaves(source, "source"),
    ...stages.flatMap(ofStage),
    ...tasks.flatMap(({ task, settings, chain }) => [...leaves(settings, task), ...(chain?.stages ?? []).flatMap(ofStage)]),
    ...leaves(training, "training")
  ]
}

/** Returns the environment of a run: engine, Node and machine, and the environments of the steps before a resume. */
export const environmentPairs = (
  engine: Engine,
  threads: number,
  peakBytes?: number,
  earlier: readonly EarlierSteps[] = []
): Pairs => {
  const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`
  const { model, kind } = thisProcessor()
  return [
    ["engine", `${engine.name} (${engine.version})`],
    ["threads", String(threads)],
    ["processor", `${model === "" ? kind : `${model} (${kind})`}, ${availableParallelism()} cores`],
    ["memory", peakBytes === undefined ? gigabytes(totalmem()) : `${gigabytes(peakBytes)} at most, of ${gigabytes(totalmem())}`],
    ["Node", `${process.versions.node} on ${platform()} ${arch()}`],
    ...earlier.map(({ until, ...where }): readonly [string, string] => [`steps up to ${until}`, environmentText(where)])
  ]
}
