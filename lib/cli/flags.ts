import { availableParallelism } from "node:os"
import { Option } from "effect"
import { Argument, Flag } from "effect/cli"
import { wholeFlag } from "./whole-flag.ts"

/** Name or file of the pipeline that a command works on. */
export const pipelineArgument = Argument.String("pipeline").pipe(
  Argument.withDescription(
    "A pipeline by name (semmim list), or the path of a .ts file that exports one (file.ts#NAME for one of several)"
  )
)

/** Changed settings, any number of them. */
export const setFlag = Flag.String("set").pipe(
  Flag.withMetavar("PATH=VALUE"),
  Flag.withDescription("Changes a setting: batch=32, or encode.model.image.layers=6; explain --settings lists all"),
  Flag.atLeast(0)
)

/** Seed of all random numbers. */
export const seedFlag = Flag.Int("seed").pipe(
  Flag.withDescription("The seed of every draw; the pipeline's unless given"),
  Flag.optional
)

/** Number of updates. */
export const stepsFlag = Flag.Int("steps").pipe(Flag.withDescription("Updates; as --set steps=N"), Flag.optional)

/** Returns all changed settings: those of --set, then --steps and --seed as if given by --set. */
export const settingsOf = (given: {
  readonly set: readonly string[]
  readonly steps: Option.Option<number>
  readonly seed: Option.Option<number>
}): readonly string[] => [
  ...given.set,
  ...Option.toArray(given.steps).map((steps) => `steps=${steps}`),
  ...Option.toArray(given.seed).map((seed) => `seed=${seed}`)
]

/** Engine that runs the programs. */
export const engineFlag = Flag.String("engine").pipe(Flag.withDescription("What runs the programs"), Flag.withDefault("onnx"))

/** Threads of the engine. */
export const threadsFlag = wholeFlag("threads", 1).pipe(
  Flag.withDescription("Threads of the engine"),
  Flag.withDefault(availableParallelism())
)

/** File of the user's own kinds of stages. */
export const stagesFlag = Flag.String("stages").pipe(
  Flag.withMetavar("FILE"),
  Flag.withDescription("A .ts file that exports stages of your own, where the pipeline's file does not or none is given"),
  Flag.optional
)

/** Machine-readable output. */
export const jsonFlag = Flag.Boolean("json").pipe(Flag.withDescription("Prints JSON"), Flag.withDefault(false))

/** Folder of prepared samples and vocabularies. */
export const cacheFlag = Flag.String("cache").pipe(
  Flag.withMetavar("DIR"),
  Flag.withDescription("Where prepared samples and vocabularies are kept"),
  Flag.withDefault(".cache")
)

/** Allows downloading the images that a list refers to by URL. */
export const allowUrlsFlag = Flag.Boolean("allow-urls").pipe(
  Flag.withDescription("Fetches images that a list names by URL (http, https; public addresses only), bounded in bytes and time"),
  Flag.withDefault(false)
)

/** Training data, instead of the pipeline's. */
export const dataFlag = Flag.String("data").pipe(
  Flag.withMetavar("SOURCE"),
  Flag.withDescription("Training pairs: embedded:NAME, a .json list, or a folder of images with .txt files beside"),
  Flag.optional
)
