import { Schema } from "effect"
import type { Engine } from "../engine/engine.ts"
import { thisProcessor } from "../machine/processor.ts"

/** Properties of the environment that determine the bits of losses and weights, besides the pipeline and its seed. */
export const Environment = Schema.Struct({
  /** Name and version of the engine. */
  engine: Schema.String,
  threads: Schema.Int,
  /** Kind of processor: its instruction sets. */
  processor: Schema.String
})
export type Environment = typeof Environment.Type

/**
 * Steps of a run, up to `until`, that were computed in another environment than later ones; checkpoints of older versions record
 * only a part of it.
 */
export const EarlierSteps = Schema.Struct({
  until: Schema.Int,
  engine: Schema.String,
  threads: Schema.optionalKey(Schema.Int),
  processor: Schema.optionalKey(Schema.String)
})
export type EarlierSteps = typeof EarlierSteps.Type

/** Returns the environment of computations in this process. */
export const environmentOf = ({ name, version }: Engine, threads: number): Environment => ({
  engine: `${name} ${version}`,
  threads,
  processor: thisProcessor().kind
})

/** Environment recorded in a checkpoint. */
interface Recorded {
  readonly step: number
  readonly engine: string
  readonly threads?: number
  readonly processor?: string
  readonly earlier?: readonly EarlierSteps[]
}

const threadCount = (threads: number): string => `${threads} ${threads === 1 ? "thread" : "threads"}`

/** Describes an environment; properties that are not recorded are omitted. */
export const environmentText = ({ engine, threads, processor }: Omit<EarlierSteps, "until">): string =>
  [engine, ...(threads === undefined ? [] : [threadCount(threads)]), ...(processor === undefined ? [] : [processor])].join(", ")

const differences = (recorded: Recorded, now: Environment): readonly string[] => [
  ...(recorded.engine === now.engine ? [] : [`another engine (${now.engine}, before ${recorded.engine})`]),
  ...(recorded.threads === now.threads ? [] : [`another number of threads (${now.threads}, before ${recorded.threads})`]),
  ...(recorded.processor === now.processor ? [] : [`another kind of processor (${now.processor}, before ${recorded.processor})`])
]

const isWhole = ({ threads, processor }: Recorded): boolean => threads !== undefined && processor !== undefined

/** Describes the properties of the environment that a checkpoint does not record. */
const unsaid = ({ threads, processor }: Recorded): string =>
  [...(threads === undefined ? ["number of threads"] : []), ...(processor === undefined ? ["kind of processor"] : [])].join(
    " and "
  )

/**
 * Returns the message of a run that resumes in another environment than its checkpoint's, or where that is not recorded;
 * undefined where the bits stay the same, and where no step was done.
 */
export const movedLine = (recorded: Recorded, now: Environment): string | undefined => {
  const changed = differences(recorded, now)
  if (recorded.step === 0 || changed.length === 0) return undefined
  if (!isWhole(recorded))
    return `step ${recorded.step} goes on from a checkpoint of ${recorded.engine} that does not say its ${unsaid(recorded)}: whether losses and weights differ by rounding from those of a run that stayed is unknown`
  const last = changed.at(-1)
  const all = changed.length === 1 ? last : `${changed.slice(0, -1).join(", ")} and ${last}`
  return `step ${recorded.step} goes on with ${all}: from here on losses and weights differ by rounding from those of a run that stayed, and the difference grows`
}

/** Returns the steps of a run that were computed in other environments, once it resumes from a checkpoint in a given one. */
export const earlierSteps = (recorded: Recorded | undefined, now: Environment): readonly EarlierSteps[] => {
  if (recorded === undefined) return []
  const { step, engine, threads, processor, earlier = [] } = recorded
  if (step === 0 || differences(recorded, now).length === 0) return earlier
  const own = { ...(threads === undefined ? {} : { threads }), ...(processor === undefined ? {} : { processor }) }
  return [...earlier, { until: step, engine, ...own }]
}
