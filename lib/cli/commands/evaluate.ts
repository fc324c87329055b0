import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { evaluateRetrieval } from "../../evaluate/evaluate-retrieval.ts"
import { writeEvaluation } from "../../evaluate/evaluation.ts"
import { someOf } from "../../evaluate/subset.ts"
import { UsageError } from "../../pipeline/usage-error.ts"
import { derive, key } from "../../random/key.ts"
import { retrievalLines } from "../evaluation-text.ts"
import { cacheFlag, jsonFlag } from "../flags.ts"
import { modelFlag, modelFlags } from "../model-flags.ts"
import { modelOf, openedModel } from "../model-of.ts"
import { tablesOf } from "../pipeline-of.ts"
import type { CliTables } from "../tables.ts"
import { wholeFlag } from "../whole-flag.ts"

const flags = {
  task: Argument.Literals("task", ["retrieval"]).pipe(Argument.withDescription("What to measure")),
  model: modelFlag,
  data: Flag.String("data").pipe(
    Flag.withMetavar("SOURCE"),
    Flag.withDescription("What to measure it on; the pipeline's held-out data unless given"),
    Flag.optional
  ),
  limit: wholeFlag("limit", 1).pipe(Flag.withDescription("The most samples, drawn by the pipeline's seed"), Flag.optional),
  captions: wholeFlag("captions", 1).pipe(Flag.withDescription("The most captions of each sample"), Flag.optional),
  candidates: wholeFlag("candidates", 1).pipe(Flag.withDescription("How many are re-ranked"), Flag.withDefault(128)),
  out: Flag.String("out").pipe(Flag.withMetavar("DIR"), Flag.withDescription("Where to write evaluation.json"), Flag.optional),
  ...modelFlags,
  cache: cacheFlag,
  json: jsonFlag
}

/** `semmim evaluate retrieval --model DIR`: recall both ways, with and without re-ranking. */
export const evaluate = (common: CliTables) =>
  Command.make(
    "evaluate",
    flags,
    Effect.fn("cli.evaluate")(function* (given) {
      const tables = yield* tablesOf(given.stages, common)
      const { weights: who, batch } = given
      const model = yield* modelOf(given.model, who, given.step, tables)
      const { pipeline } = model
      const name = Option.getOrElse(given.data, () => pipeline.source.heldOut)
      if (name === null)
        return yield* new UsageError({ problem: `evaluate: ${pipeline.name} has no held-out data; expected --data SOURCE` })
      const all = yield* tables.openSource(name)
      const draw = derive(key(pipeline.training.seed), "evaluate")
      const source = someOf(
        all,
        Option.getOrElse(given.limit, () => all.count),
        draw
      )
      const options = {
        who,
        batch,
        k: given.candidates,
        ...(Option.isSome(given.captions) ? { captions: given.captions.value } : {})
      }
      const evaluation = yield* Effect.scoped(
        Effect.gen(function* () {
          const opened = yield* openedModel(model, given, tables)
          return yield* evaluateRetrieval({ ...opened, source, step: model.step }, options)
        })
      )
      if (Option.isSome(given.out)) yield* writeEvaluation(given.out.value, evaluation)
      yield* Console.log(given.json ? JSON.stringify({ retrieval: evaluation.retrieval }) : retrievalLines(evaluation))
    })
  ).pipe(Command.withDescription("Measures a trained model"))
