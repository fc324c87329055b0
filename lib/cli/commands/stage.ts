import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { hostContextOf } from "../../data/host/host-context.ts"
import { openPipeline } from "../../data/host/open-pipeline.ts"
import { cachesIn, noCaches } from "../../data/host/prepared-cache.ts"
import type { HostContext } from "../../data/host/ready-stage.ts"
import { UsageError } from "../../error/usage-error.ts"
import { isRecordedTensor, recordedToJson } from "../../explain/recorded.ts"
import { readRecorded, writeRecorded } from "../../explain/recorded-file.ts"
import { runStage } from "../../explain/run-stage.ts"
import { table } from "../../log/table.ts"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import type { SourceData } from "../../pipeline/samples.ts"
import { SettingsError } from "../../pipeline/settings.ts"
import type { Sizes, Stage } from "../../pipeline/stage.ts"
import { taskStages } from "../../pipeline/task.ts"
import { isKey, type Key, key } from "../../random/key.ts"
import type { Fields } from "../../tensor/field.ts"
import { engineOf } from "../engine-of.ts"
import { cacheFlag, jsonFlag, setFlag, stagesFlag } from "../flags.ts"
import { pipelineOf, tablesOf } from "../pipeline-of.ts"
import type { CliTables } from "../tables.ts"

const flags = {
  name: Argument.String("stage").pipe(
    Argument.withDescription("A stage of a pipeline by its name there, or a kind of stage with --settings")
  ),
  pipeline: Flag.String("pipeline").pipe(Flag.withDescription("The pipeline that the stage is taken from"), Flag.optional),
  settings: Flag.String("settings").pipe(
    Flag.withMetavar("JSON"),
    Flag.withDescription("The stage's settings, without a pipeline"),
    Flag.optional
  ),
  input: Flag.String("input").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("Its input: .safetensors with tensors by field, or JSON with { dtype, shape, data }, { base64 }, texts")
  ),
  key: Flag.String("key").pipe(
    Flag.withMetavar("KEY"),
    Flag.withDescription("What its draws come from: 32 hexadecimal digits, a whole number (a seed), or none for nothing random"),
    Flag.withDefault("0")
  ),
  engine: Flag.String("engine").pipe(Flag.withDescription("What runs a tensor stage"), Flag.withDefault("reference")),
  output: Flag.String("output").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("Where to write what it gives (.safetensors or JSON)"),
    Flag.optional
  ),
  set: setFlag,
  stages: stagesFlag,
  cache: cacheFlag,
  json: jsonFlag
}

/** A stage, and the pipeline that it belongs to, if any. */
interface Chosen {
  readonly stage: Stage
  readonly sizes: Sizes
  readonly source: SourceData<Fields> | string
  readonly pipeline?: Pipeline
}

const parseKey = (text: string): Effect.Effect<Key | null, UsageError> => {
  if (text === "none") return Effect.succeed(null)
  if (isKey(text)) return Effect.succeed(text)
  const seed = Number(text)
  return text.trim() !== "" && Number.isSafeInteger(seed)
    ? Effect.succeed(key(seed))
    : Effect.fail(new UsageError({ problem: `--key ${text}: expected 32 hexadecimal digits, a whole number, or none` }))
}

const usage = (cause: unknown) =>
  cause instanceof UsageError ? cause : new UsageError({ problem: cause instanceof Error ? cause.message : String(cause) })

const fromPipeline = Effect.fnUntraced(function* (name: string, pipeline: string, set: readonly string[], tables: CliTables) {
  const { pipeline: found } = yield* pipelineOf({ pipeline, set }, tables)
  const stages = [...found.stages, ...taskStages(found)]
  const stage = stages.find(({ as }) => as === name) ?? stages.find((each) => each.stage === name)
  if (!stage)
    return yield* new UsageError({
      problem: `${found.name} has no stage '${name}', only ${stages.map(({ as }) => as).join(", ")}`
    })
  return { stage, sizes: found.sizes, source: found.source, pipeline: found } satisfies Chosen
})

/** Returns the stage completed with its pipeline's vocabulary, where it needs one. */
const completedStage = Effect.fnUntraced(function* ({ stage, pipeline }: Chosen, hostContext: HostContext) {
  if (!pipeline || stage.kind === "host" || !stage.completed) return stage
  const { pipeline: opened } = yield* openPipeline(pipeline, hostContext)
  return opened.stages.find(({ as }) => as === stage.as) ?? stage
})

const fromSettings = (name: string, settings: string, { stages }: CliTables): Effect.Effect<Chosen, UsageError> =>
  Effect.try({
    try: () => {
      const row = Object.hasOwn(stages, name) ? stages[name] : undefined
      if (!row) throw new UsageError({ problem: `there is no stage '${name}', only ${Object.keys(stages).sort().join(", ")}` })
      return { stage: row.make(JSON.parse(settings)), sizes: {}, source: "none" }
    },
    catch: (cause) =>
      cause instanceof SettingsError ? new UsageError({ problem: `--settings: ${cause.problem}` }) : usage(cause)
  })

const shownValue = (value: unknown): string => {
  const text = value instanceof Uint8Array ? `${value.length} bytes` : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

const lines = (outputs: { readonly [name: string]: unknown }): string =>
  table(
    ["output", "type", "value"],
    Object.entries(outputs).map(([name, value]) => {
      if (!isRecordedTensor(value)) return [name, "value", shownValue(value)]
      const first = [...value.data.slice(0, 4)].map((x) => String(Number(x.toPrecision(6))))
      return [name, `${value.dtype}[${value.shape.join(", ")}]`, [...first, ...(value.data.length > 4 ? ["…"] : [])].join(" ")]
    })
  )

/** `semmim stage NAME`: runs one stage alone on a recorded input. */
export const stage = (tables: CliTables) =>
  Command.make(
    "stage",
    flags,
    Effect.fn("cli.stage")(function* (given) {
      const { name, pipeline, settings, set } = given
      if (Option.isSome(pipeline) === Option.isSome(settings))
        return yield* new UsageError({ problem: "stage: expected either --pipeline PIPELINE or --settings JSON" })
      const known = yield* tablesOf(given.stages, tables)
      const chosen: Chosen = Option.isSome(pipeline)
        ? yield* fromPipeline(name, pipeline.value, set, known)
        : yield* fromSettings(name, Option.getOrThrow(settings), known)
      const drawn = yield* parseKey(given.key)
      const input = yield* readRecorded(given.input)
      const engine = yield* engineOf(given.engine, tables)
      const openCache = Option.isSome(pipeline) ? cachesIn(given.cache) : noCaches
      const hostContext = hostContextOf(chosen.source, tables.openSource, openCache)
      const stage = yield* completedStage(chosen, hostContext)
      const { outputs, digest } = yield* runStage(stage, input, drawn, { engine, sizes: chosen.sizes, hostContext })
      if (Option.isSome(given.output)) yield* writeRecorded(given.output.value, outputs)
      yield* Console.log(
        given.json ? JSON.stringify({ digest, outputs: recordedToJson(outputs) }) : `${lines(outputs)}\n\ndigest ${digest}`
      )
    }, Effect.scoped)
  ).pipe(Command.withDescription("Runs one stage alone on a recorded input, reproducibly"))
