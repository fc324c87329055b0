import { createRequire } from "node:module"
import { Effect, FileSystem, Schema } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { DataError } from "../data-error.ts"

const require = createRequire(import.meta.url)

/** Reads a JSON file of an installed package, e.g. `emojibase-data/en/data.json`, checked against a schema. */
export const packageFile = Effect.fn("data.packageFile")(function* <A>(name: string, schema: Schema.Codec<A, unknown>) {
  const files = yield* FileSystem.FileSystem
  const problem = (what: string) => (cause: unknown) => new DataError({ file: name, problem: `${what}: ${oneLine(cause)}` })
  const path = yield* Effect.try({ try: () => require.resolve(name), catch: problem("not installed") })
  const text = yield* files.readFileString(path).pipe(Effect.mapError(problem("unreadable")))
  const json = yield* Effect.try({ try: (): unknown => JSON.parse(text), catch: problem("no JSON") })
  return yield* Schema.decodeUnknownEffect(schema)(json).pipe(Effect.mapError(problem("not the expected shape")))
})
