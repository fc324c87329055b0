import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { sayIssues } from "../../data/say-issues.ts"
import { UsageError } from "../../error/usage-error.ts"
import { environmentOf } from "../../run-folder/environment.ts"
import { compileEncoders } from "../../task/encoders.ts"
import { writeEvaluation } from "../../task/evaluation.ts"
import { heldOutKey } from "../../task/retrieval/choose-ranking.ts"
import { evaluateRetrieval } from "../../task/retrieval/evaluate-retrieval.ts"
import { retrievalLines } from "../../task/retrieval/evaluation-text.ts"
import { someOf } from "../../task/subset.ts"
import { cacheFlag, jsonFlag } from "../flags.ts"
import { leadingRanking } from "../leading-ranking.ts"
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
  candidates: wholeFlag("candidates", 1).pipe(
    Flag.withDescription("How many are re-ranked; as many as the pipeline says (training.candidates) unless given"),
    Flag.optional
  ),
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
      yield* sayIssues(all)
      const source = someOf(
        all,
        Option.getOrElse(given.limit, () => all.count),
        heldOutKey(pipeline)
      )
      const k = Option.getOrElse(given.candidates, () => pipeline.training.candidates)
      const captions = Option.isSome(given.captions) ? { captions: given.captions.value } : {}
      const { evaluation, note } = yield* Effect.scoped(
        Effect.gen(function* () {
          const opened = yield* openedModel(model, given, tables)
          const { session, layout, engine } = opened
          const compiled = yield* compileEncoders(session, pipeline, layout, { who, batch })
          const inputs = { ...opened, step: model.step, environment: environmentOf(engine, given.threads) }
          const options = { who, batch, k, compiled }
          const place = { folder: given.model, model, who, measured: source, whole: all }
          const { leading, note } = yield* leadingRanking(place, inputs, options, tables)
          const evaluation = yield* evaluateRetrieval({ ...inputs, source }, { ...options, ...captions, leading })
          return { evaluation, note }
        })
      )
      if (Option.isSome(given.out)) yield* writeEvaluation(given.out.value, evaluation)
      const { retrieval } = evaluation
      yield* Console.log(
        given.json
          ? JSON.stringify({ retrieval })
          : [retrievalLines(evaluation), ...(note === undefined ? [] : [note])].join("\n")
      )
    })
  ).pipe(Command.withDescription("Measures a trained model"))
