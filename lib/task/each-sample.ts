import { Effect, type Result } from "effect"

const concurrency = 8
const atOnce = 256

/** Reads samples by their indices, a bounded number of them concurrently, and reports the result of each in order. */
export const eachSample = Effect.fnUntraced(function* <A, E>(
  count: number,
  read: (index: number) => Effect.Effect<A, E>,
  tell: (result: Result.Result<A, E>, index: number) => void
) {
  for (let at = 0; at < count; at += atOnce) {
    const indices = Array.from({ length: Math.min(atOnce, count - at) }, (_, i) => at + i)
    const results = yield* Effect.forEach(indices, (index) => Effect.result(read(index)), { concurrency })
    for (const [i, result] of results.entries()) tell(result, at + i)
  }
})
