import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { serveLambda } from "../../../lib/aws/lambda-runtime.ts"
import { runtimeApi } from "./runtime-api.ts"

describe("the loop over Lambda's runtime API", () => {
  it.live("answers events in their order, reports those that fail without secrets, and ends when the API does", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { api, replies } = yield* runtimeApi(['{"n":1}', "no JSON", '{"n":2}', '{"n":3}'])
        const secret = "A".repeat(60)
        const handler = async (event: unknown) => {
          const { n } = event as { readonly n: number }
          if (n === 2) throw new RangeError(`two\nis too many ${secret}`)
          return { n }
        }
        const error = yield* Effect.flip(serveLambda(api, handler))
        assert.strictEqual(error.message, "Lambda's runtime API: answered 410 to the question for an event")
        assert.deepStrictEqual(
          replies.map(({ path }) => path.replace("/2018-06-01/runtime/invocation/", "")),
          ["id-0/response", "id-1/error", "id-2/error", "id-3/response"]
        )
        assert.deepStrictEqual(replies[0]?.body, { n: 1 })
        assert.deepStrictEqual(replies[2]?.body, { errorType: "RangeError", errorMessage: "two is too many …" })
      })
    )
  )

  it.live("fails in words where there is no API", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(serveLambda("127.0.0.1:1", async () => ({})))
      assert.match(error.message, /^Lambda's runtime API: .*ECONNREFUSED/)
    })
  )
})
