// A process of its own for tests: holds the lock of a folder until it is killed, and says so.
import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { lockFolder } from "../../../lib/store/lock.ts"

const hold = Effect.gen(function* () {
  yield* lockFolder(process.argv[2]!)
  console.log("held")
  return yield* Effect.never
})
Effect.runPromise(Effect.scoped(hold).pipe(Effect.provide(NodeServices.layer))).catch((error: unknown) => {
  console.log(error instanceof Error ? error.message : String(error))
})
