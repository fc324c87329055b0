import { Flag } from "effect/cli"
import { cacheFlag, dataFlag, jsonFlag, pipelineArgument, seedFlag, setFlag, stagesFlag, stepsFlag } from "./flags.ts"
import { gpuQueueFlag, queueFlag, storeFlag } from "./job-layers.ts"
import { fromFlags } from "./start-from.ts"
import { wholeFlag } from "./whole-flag.ts"

/** Flags of `semmim submit`. */
export const submitFlags = {
  pipeline: pipelineArgument,
  queue: queueFlag.pipe(Flag.optional),
  gpuQueue: gpuQueueFlag,
  store: storeFlag.pipe(Flag.optional),
  local: Flag.Boolean("local").pipe(
    Flag.withDescription("Without AWS: queues in this process, a store in the run's folder, workers on this machine"),
    Flag.withDefault(false)
  ),
  workers: wholeFlag("workers", 1).pipe(Flag.withDescription("With --local: how many worker processes"), Flag.withDefault(2)),
  name: Flag.String("name").pipe(
    Flag.withDescription("The submission's name; the same name goes on with what it was. PIPELINE-RANDOM unless given"),
    Flag.optional
  ),
  out: Flag.String("out").pipe(
    Flag.withMetavar("DIR"),
    Flag.withDescription("Where the result is written; runs/NAME unless given"),
    Flag.optional
  ),
  replicas: wholeFlag("replicas", 1).pipe(
    Flag.withDescription("Parts that each batch is trained in; as many as --workers with --local, else 2"),
    Flag.optional
  ),
  localSteps: wholeFlag("local-steps", 1).pipe(
    Flag.withDescription("Steps of each replica in every round; as the pipeline says, or 20, unless given"),
    Flag.optional
  ),
  deadline: wholeFlag("deadline", 1).pipe(
    Flag.withDescription("Seconds after which a round is closed with a quorum"),
    Flag.withDefault(900)
  ),
  perShard: wholeFlag("shard-size", 1).pipe(Flag.withDescription("Samples of a shard"), Flag.withDefault(1000)),
  prepare: Flag.Boolean("prepare").pipe(
    Flag.withDescription("Prepares shards first; --no-prepare trains on the source itself"),
    Flag.withDefault(true)
  ),
  steps: stepsFlag,
  seed: seedFlag,
  maxWorkers: wholeFlag("max-workers", 1).pipe(
    Flag.withDescription("The most workers that the submission is meant to have"),
    Flag.optional
  ),
  maxHours: Flag.Finite("max-hours").pipe(
    Flag.filter(
      (hours) => hours > 0,
      (hours) => `more than 0 hours, got ${hours}`
    ),
    Flag.withDescription("Cancelled after so many hours"),
    Flag.optional
  ),
  wait: Flag.Boolean("wait").pipe(
    Flag.withDescription("Waits for the result and fetches it; always with --local"),
    Flag.withDefault(false)
  ),
  engine: Flag.String("engine").pipe(Flag.withDescription("With --local: what runs the programs"), Flag.withDefault("onnx")),
  threads: wholeFlag("threads", 1).pipe(
    Flag.withDescription("With --local: threads of each worker's engine"),
    Flag.withDefault(1)
  ),
  data: dataFlag,
  set: setFlag,
  stages: stagesFlag,
  ...fromFlags,
  cache: cacheFlag,
  json: jsonFlag
}
