import { Effect, Layer } from "effect"
import { Flag } from "effect/cli"
import { UsageError } from "../error/usage-error.ts"
import { openQueue } from "../queue/open.ts"
import { blobStoreAt, parseS3Location } from "../store/blob/open.ts"

/** The store at a place: `s3://BUCKET/PREFIX` or a folder. */
export const storeLayer = (place: string) =>
  Layer.unwrap(
    place.startsWith("s3:") && parseS3Location(place) === undefined
      ? Effect.fail(new UsageError({ problem: `--store ${place}: expected s3://BUCKET/PREFIX or a folder` }))
      : Effect.succeed(blobStoreAt(place))
  )

/** The queues of SQS, or of the server that AWS_ENDPOINT_URL_SQS names, and the store at a place. */
export const jobLayers = (place: string) => Layer.merge(openQueue(), storeLayer(place))

/** Queue of host jobs, and of all jobs unless the others have a queue of their own. */
export const queueFlag = Flag.String("queue").pipe(
  Flag.withMetavar("URL"),
  Flag.withDescription("The queue of host jobs, and of all jobs unless --gpu-queue is given")
)

/** Queue of jobs for GPUs. */
export const gpuQueueFlag = Flag.String("gpu-queue").pipe(
  Flag.withMetavar("URL"),
  Flag.withDescription("The queue of jobs that train, embed and evaluate"),
  Flag.optional
)

/** Store of everything else. */
export const storeFlag = Flag.String("store").pipe(
  Flag.withAlias("bucket"),
  Flag.withMetavar("DIR|s3://BUCKET/PREFIX"),
  Flag.withDescription("Where submissions, outputs and failures are kept")
)

/** The name of a submission. */
export const checkName = (name: string): Effect.Effect<string, UsageError> =>
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)
    ? Effect.succeed(name)
    : Effect.fail(new UsageError({ problem: `'${name}': a submission's name is 1 to 63 lower-case letters, digits and dashes` }))
