import { Effect } from "effect"
import { type Engine, EngineError } from "../engine/engine.ts"
import { oneLine } from "../error/one-line.ts"
import { UsageError } from "../error/usage-error.ts"
import type { CliTables } from "./tables.ts"

/** Returns the engine with a name. Errors: `UsageError` for an unknown name, `EngineError` where it is not installed. */
export const engineOf = Effect.fn("cli.engineOf")(function* (name: string, { engines }: Pick<CliTables, "engines">) {
  const load = Object.hasOwn(engines, name) ? engines[name] : undefined
  if (!load) return yield* new UsageError({ problem: `there is no engine '${name}', only ${Object.keys(engines).join(", ")}` })
  const engine: Engine = yield* Effect.tryPromise({
    try: load,
    catch: (cause) => new EngineError({ engine: name, doing: "loading", reason: oneLine(cause) })
  })
  return engine
})
