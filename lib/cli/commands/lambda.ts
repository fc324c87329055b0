import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer, Logger, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { serveLambda } from "../../aws/lambda-runtime.ts"
import { UsageError } from "../../error/usage-error.ts"
import { jobHandlers } from "../../worker/handlers/handlers.ts"
import { lambdaHandler } from "../../worker/lambda.ts"
import { knownSubmissions } from "../../worker/submissions.ts"
import { workerName } from "../../worker/worker.ts"
import { engineOf } from "../engine-of.ts"
import { cacheFlag } from "../flags.ts"
import { gpuQueueFlag, jobLayers, queueFlag, storeFlag } from "../job-layers.ts"
import type { CliTables } from "../tables.ts"
import { wholeFlag } from "../whole-flag.ts"

const flags = {
  queue: queueFlag,
  gpuQueue: gpuQueueFlag,
  store: storeFlag,
  deadLetters: Flag.String("dead-letters").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription("Where messages are sent that were given up"),
    Flag.optional
  ),
  cache: cacheFlag,
  allowData: Flag.String("allow-data").pipe(
    Flag.withMetavar("SOURCE"),
    Flag.withDescription("A source that jobs may read besides the embedded ones, exactly as a pipeline names it; any number"),
    Flag.atLeast(0)
  ),
  jobLimit: wholeFlag("job-limit", 1).pipe(
    Flag.withDescription("The most seconds of any job: less than the function's time-out"),
    Flag.withDefault(840)
  ),
  concurrency: wholeFlag("concurrency", 1).pipe(Flag.withDescription("Jobs of an event at a time"), Flag.withDefault(2))
}

/** `semmim lambda`: runs in a container image of semmim as an AWS Lambda function, triggered by the queue of host jobs. */
export const lambda = (tables: CliTables) =>
  Command.make(
    "lambda",
    flags,
    Effect.fn("cli.lambda")(function* (given) {
      const api = process.env["AWS_LAMBDA_RUNTIME_API"] ?? ""
      if (api === "")
        return yield* new UsageError({ problem: "lambda: AWS_LAMBDA_RUNTIME_API is not set: only AWS Lambda runs this" })
      const gpu = Option.getOrElse(given.gpuQueue, () => given.queue)
      const handlers = yield* jobHandlers({
        tables,
        engine: yield* Effect.cached(engineOf("onnx", tables)),
        threads: 1,
        cache: given.cache,
        urls: { host: given.queue, gpu },
        allowedData: new Set(given.allowData)
      })
      const submissions = knownSubmissions(tables)
      const { handler, close } = lambdaHandler({
        processing: Effect.succeed({
          handlers,
          submissions,
          worker: workerName(),
          semmim: tables.version,
          limitSeconds: given.jobLimit
        }),
        services: Layer.mergeAll(jobLayers(given.store), Logger.layer([Logger.consoleJson])).pipe(
          Layer.provideMerge(NodeServices.layer)
        ),
        url: given.queue,
        concurrency: given.concurrency,
        ...(Option.isSome(given.deadLetters) ? { deadLetters: given.deadLetters.value } : {})
      })
      yield* Effect.ensuring(serveLambda(api, handler), Effect.promise(close))
    }, Effect.scoped)
  ).pipe(Command.withDescription("Serves host jobs as a function of AWS Lambda"))
