import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { hostContextOf } from "../../data/host/host-context.ts"
import { openPipeline } from "../../data/host/open-pipeline.ts"
import { cachesIn } from "../../data/host/prepared-cache.ts"
import { exportModel } from "../../export/export-model.ts"
import { valuesOf } from "../../pipeline/samples.ts"
import { checkAssets, loadRun } from "../../run-folder/load-run.ts"
import { readEvaluation } from "../../task/evaluation.ts"
import { readFrozen } from "../../weights/frozen-file.ts"
import { engineOf } from "../engine-of.ts"
import { cacheFlag } from "../flags.ts"
import { modelFlags } from "../model-flags.ts"
import { needSet } from "../model-of.ts"
import { tablesOf } from "../pipeline-of.ts"
import type { CliTables } from "../tables.ts"

const { weights, step, engine, stages } = modelFlags
const flags = {
  run: Argument.String("run").pipe(Argument.withDescription("The folder of a run")),
  out: Flag.String("out").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription("The folder to be made; one that exists is refused")
  ),
  weights,
  step,
  engine,
  stages,
  cache: cacheFlag
}

/** `semmim export RUN --out DIR`: exports a model in formats that other tools load. */
export const exportCommand = (common: CliTables) =>
  Command.make(
    "export",
    flags,
    Effect.fn("cli.export")(function* (given) {
      const tables = yield* tablesOf(given.stages, common)
      const model = yield* loadRun(given.run, tables, Option.getOrUndefined(given.step))
      yield* needSet(given.weights, model)
      const { train } = model.pipeline.source
      const source = yield* tables.openSource(train, valuesOf(model.pipeline.source))
      const hostContext = hostContextOf(model.pipeline.source, tables.openSource, cachesIn(given.cache))
      const { pipeline, stages: host } = yield* openPipeline(model.pipeline, hostContext)
      yield* checkAssets(given.run, model.assets, host)
      const found = yield* readEvaluation(given.run, tables.tasks)
      // Metrics of another step do not apply to these weights.
      const current = found && found.model.step === model.step && found.model.weights === given.weights ? found : undefined
      const difference = yield* exportModel(given.out, {
        ...model,
        frozen: yield* readFrozen(pipeline),
        pipeline,
        who: given.weights,
        host,
        engine: yield* engineOf(given.engine, tables),
        credits: source.credits,
        measured: current?.measured ?? {},
        tasks: tables.tasks
      })
      yield* Console.log(
        `${given.out}: the ${given.weights}'s weights of step ${model.step}${difference === undefined ? "" : `; its ONNX encoders differ by ${difference.toExponential(1)} at most`}`
      )
    }, Effect.scoped)
  ).pipe(Command.withDescription("Writes a run's model as a folder that others can load"))
