import { SQSClient } from "@aws-sdk/client-sqs"
import { type Config, Effect, type Scope } from "effect"
import { endpointOf } from "../aws/endpoint.ts"
import { checkLoopback, localCredentials, localRegion } from "../aws/local-credentials.ts"

/** Location of the queues. */
export interface SqsOptions {
  /** Default: AWS_ENDPOINT_URL_SQS, AWS_ENDPOINT_URL, or the one of AWS's settings and the queue's URL. */
  readonly endpoint?: string | undefined
  /** True for a server on this machine: requests are signed with invented credentials, for a region of its own. Default false. */
  readonly local?: boolean
}

/** Longer than the longest poll, 20 s: a connection that is silent for so long is dead. */
const silentMillis = 32_000

/**
 * Returns an SQS client, closed with the scope. Credentials come from AWS's own chain (environment, profile, container, instance)
 * and from nowhere else; the client tries each request three times.
 */
export const sqsClient = (options: SqsOptions): Effect.Effect<SQSClient, Config.ConfigError, Scope.Scope> =>
  Effect.gen(function* () {
    const endpoint = options.endpoint ?? (yield* endpointOf("SQS"))
    const local = options.local === true
    if (local) checkLoopback(endpoint)
    const client = () =>
      new SQSClient({
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(local ? { credentials: localCredentials, region: localRegion } : {}),
        requestHandler: { connectionTimeout: 5_000, socketTimeout: silentMillis },
        maxAttempts: 3
      })
    return yield* Effect.acquireRelease(Effect.sync(client), (made) => Effect.sync(() => made.destroy()))
  })
