import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { flops } from "../../compiler/flops.ts"
import { memoryUse } from "../../compiler/memory.ts"
import { hostContextOf, openFor } from "../../data/host/host-context.ts"
import { openPipeline } from "../../data/host/open-pipeline.ts"
import { cachesIn } from "../../data/host/prepared-cache.ts"
import { type Explanation, explain as explained, type Measures } from "../../explain/explain.ts"
import { explainCache } from "../../explain/explain-cache.ts"
import { table } from "../../log/table.ts"
import { mermaid } from "../../pipeline/mermaid.ts"
import { type Pipeline, toData } from "../../pipeline/pipeline.ts"
import { valuesOf } from "../../pipeline/samples.ts"
import { settingRows } from "../../pipeline/setting-rows.ts"
import { explanationText } from "../explanation-text.ts"
import { cacheFlag, dataFlag, jsonFlag, pipelineArgument, setFlag, stagesFlag } from "../flags.ts"
import { pipelineOf } from "../pipeline-of.ts"
import type { CliTables } from "../tables.ts"

const flags = {
  pipeline: pipelineArgument,
  set: setFlag,
  data: dataFlag,
  stages: stagesFlag,
  cache: cacheFlag,
  settings: Flag.Boolean("settings").pipe(
    Flag.withDescription("Lists all settings: path, type, range, default, value"),
    Flag.withDefault(false)
  ),
  mermaid: Flag.Boolean("mermaid").pipe(
    Flag.withDescription("Draws the stages as a Mermaid flow chart"),
    Flag.withDefault(false)
  ),
  json: jsonFlag
}

const spelled = (value: unknown): string => {
  const text = value === undefined ? "–" : JSON.stringify(value)
  return text.length > 48 ? `${text.slice(0, 47)}…` : text
}

const listSettings = (pipeline: Pipeline, json: boolean, { stages }: CliTables): string => {
  const rows = settingRows(toData(pipeline), stages)
  if (json) return JSON.stringify(rows)
  const cells = rows.map(({ path, type, range, value, default: given }) => [
    path,
    spelled(value),
    spelled(given),
    range === "" ? type : `${type} ${range}`
  ])
  return table(["setting", "value", "default", "type and range"], cells)
}

const measures: Measures = { flops: (program) => flops(program).total, peakBytes: (program) => memoryUse(program).peakBytes }

/** A pipeline that knows what its host stages have opened, and what the cache has of their work. */
const cacheState = Effect.fnUntraced(function* (pipeline: Pipeline, folder: string, { openSource }: CliTables) {
  const { train } = pipeline.source
  const source = yield* openFor(openSource, train, valuesOf(pipeline.source))
  const opened = yield* openPipeline(pipeline, hostContextOf(pipeline.source, openSource, cachesIn(folder)))
  const cache = { samples: source.count, stages: yield* explainCache(opened.stages, source) }
  return { pipeline: opened.pipeline, cache }
})

/** `semmim explain PIPELINE`: what a pipeline is and costs, without running it. */
export const explain = (tables: CliTables) =>
  Command.make(
    "explain",
    flags,
    Effect.fn("cli.explain")(function* ({ json, cache: folder, settings, mermaid: drawn, ...given }) {
      const { pipeline, tables: known } = yield* pipelineOf(given, tables)
      if (settings) return yield* Console.log(listSettings(pipeline, json, known))
      if (drawn) return yield* Console.log(mermaid(pipeline.stages))
      // Data that is not at hand is no reason not to explain the rest; settings that do not fit it are.
      const state = yield* Effect.catchIf(
        cacheState(pipeline, folder, known),
        (error) => error._tag !== "WiringError",
        (error) => Effect.succeed({ pipeline, cache: { samples: 0, stages: [], problem: error.message } })
      )
      const { cache } = state
      const explanation: Explanation = explained(state.pipeline, { ...measures, ...tables.measures })
      yield* Console.log(json ? JSON.stringify({ ...explanation, cache }) : explanationText(explanation, cache))
    }, Effect.scoped)
  ).pipe(Command.withDescription("Says what a pipeline is: stages, fields, shapes, parameters, cost of a step, what is cached"))
