import { Config, Effect, Option } from "effect"

const named = (name: string) => Config.option(Config.String(name))

/**
 * Returns the endpoint that the environment names for a service ("SQS", "S3"), as AWS's own tools read it; an empty one counts as
 * none.
 */
export const endpointOf = (service: string): Effect.Effect<string | undefined, Config.ConfigError> =>
  Effect.map(Effect.all([named(`AWS_ENDPOINT_URL_${service}`), named("AWS_ENDPOINT_URL")]), (found) =>
    found.map(Option.getOrUndefined).find((url) => url !== undefined && url !== "")
  )
