import { Effect, Layer } from "effect"
import { Flag } from "effect/cli"
import { UsageError } from "../error/usage-error.ts"
import { openQueue } from "../queue/open.ts"
import { blobStoreAt, parseS3Location } from "../store/blob/open.ts"

/** Layer of the store at a location: `s3://BUCKET/PREFIX` or a folder. */
export const storeLayer = (place: string) =>
  Layer.unwrap(
    place.startsWith("s3:") && parseS3Location(place) === undefined
      ? Effect.fail(new UsageError({ problem: `--store ${place}: expected s3://BUCKET/PREFIX or a folder` }))
      : Effect.succeed(blobStoreAt(place))
  )

/** Layer of the queues of SQS, or of the server in AWS_ENDPOINT_URL_SQS, and of the store at a location. */
export const jobLayers = (place: string) => Layer.merge(openQueue(), storeLayer(place))

/** Queue of host jobs, and of GPU jobs too unless they have a queue of their own. */
export const queueFlag = Flag.String("queue").pipe(
  Flag.withMetavar("URL"),
  Flag.withDescription("The queue of host jobs, and of all jobs unless --gpu-queue is given")
)

/** Queue of GPU jobs. */
export const gpuQueueFlag = Flag.String("gpu-queue").pipe(
  Flag.withMetavar("URL"),
  Flag.withDescription("The queue of jobs that train, embed and evaluate"),
  Flag.optional
)

/** Store of submissions, contents and records. */
export const storeFlag = Flag.String("store").pipe(
  Flag.withAlias("bucket"),
  Flag.withMetavar("DIR|s3://BUCKET/PREFIX"),
  Flag.withDescription("Where submissions, outputs and failures are kept")
)

/** Checks the name of a submission. */
export const checkName = (name: string): Effect.Effect<string, UsageError> =>
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(name)
    ? Effect.succeed(name)
    : Effect.fail(new UsageError({ problem: `'${name}': a submission's name is 1 to 63 lower-case letters, digits and dashes` }))
