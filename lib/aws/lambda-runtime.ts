import { request } from "node:http"
import { Effect, Schema } from "effect"
import { withoutSecrets } from "./failure.ts"

/** Failure of Lambda's runtime API, absent or with an unexpected answer, after which the process can only end. */
export class LambdaRuntimeLost extends Schema.TaggedError<LambdaRuntimeLost>()("LambdaRuntimeLost", { reason: Schema.String }) {
  override get message(): string {
    return `Lambda's runtime API: ${this.reason}`
  }
}

interface Answer {
  readonly status: number
  readonly id: string
  readonly body: string
}

/** Calls the API once. Without a time-out: between two events Lambda freezes the process, for hours. */
const ask = (api: string, method: "GET" | "POST", path: string, body?: string) =>
  Effect.callback<Answer, LambdaRuntimeLost>((resume) => {
    const lost = (error: Error) => resume(Effect.fail(new LambdaRuntimeLost({ reason: withoutSecrets(error.message) })))
    const asked = request(`http://${api}/2018-06-01/runtime/${path}`, { method }, (answer) => {
      const chunks: Buffer[] = []
      answer.on("data", (chunk: Buffer) => chunks.push(chunk))
      answer.on("error", lost)
      answer.on("end", () => {
        const id = answer.headers["lambda-runtime-aws-request-id"]
        const text = Buffer.concat(chunks).toString("utf8")
        resume(Effect.succeed({ status: answer.statusCode ?? 0, id: typeof id === "string" ? id : "", body: text }))
      })
    })
    asked.on("error", lost)
    asked.end(body)
    return Effect.sync(() => asked.destroy())
  })

const errorText = (error: unknown): string =>
  JSON.stringify({
    errorType: error instanceof Error ? error.name : "Error",
    errorMessage: withoutSecrets(error instanceof Error ? error.message : String(error))
  })

/**
 * Serves a function's events from Lambda's runtime API at `api` (HOST:PORT, from AWS_LAMBDA_RUNTIME_API), one after the other,
 * until the API is gone. An event that cannot be handled is reported as an error, and the next one is requested.
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
export const serveLambda = (
  api: string,
  handler: (event: unknown) => Promise<unknown>
): Effect.Effect<never, LambdaRuntimeLost> => {
  const once = Effect.gen(function* () {
    const { status, id, body } = yield* ask(api, "GET", "invocation/next")
    if (status !== 200 || id === "")
      return yield* new LambdaRuntimeLost({ reason: `answered ${status} to the question for an event` })
    const reply = yield* Effect.tryPromise({ try: async () => handler(JSON.parse(body)), catch: (error) => error }).pipe(
      Effect.map((result) => ({ path: `invocation/${id}/response`, text: JSON.stringify(result) })),
      Effect.catch((error) => Effect.succeed({ path: `invocation/${id}/error`, text: errorText(error) }))
    )
    yield* ask(api, "POST", reply.path, reply.text)
  })
  return Effect.forever(once)
}
