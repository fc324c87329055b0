import { Console, Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { redrive as redriveJobs } from "../../job/redrive.ts"
import { checkName, gpuQueueFlag, jobLayers, queueFlag, storeFlag } from "../job-layers.ts"

const flags = {
  name: Argument.String("name").pipe(Argument.withDescription("A submission")),
  queue: queueFlag,
  gpuQueue: gpuQueueFlag,
  store: storeFlag
}

/** `semmim redrive NAME`: sends the jobs that were given up again. */
export const redrive = Command.make(
  "redrive",
  flags,
  Effect.fn("cli.redrive")(function* ({ name, queue, gpuQueue, store }) {
    const urls = { host: queue, gpu: Option.getOrElse(gpuQueue, () => queue) }
    const count = yield* Effect.provide(redriveJobs(yield* checkName(name), urls), jobLayers(store))
    yield* Console.log(count === 0 ? `${name}: no job was given up` : `${name}: ${count} jobs are tried again`)
  })
).pipe(Command.withDescription("Sends the jobs that were given up once more"))
