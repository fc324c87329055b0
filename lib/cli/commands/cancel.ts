import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { cancelSubmission } from "../../job/cancel.ts"
import { checkName, storeFlag, storeLayer } from "../job-layers.ts"

const flags = { name: Argument.String("name").pipe(Argument.withDescription("A submission")), store: storeFlag }

/** `semmim cancel NAME`: workers start no more of its jobs. */
export const cancel = Command.make(
  "cancel",
  flags,
  Effect.fn("cli.cancel")(function* ({ name, store }) {
    const first = yield* Effect.provide(cancelSubmission(yield* checkName(name)), storeLayer(store))
    yield* Console.log(first ? `${name}: cancelled; jobs under way end as they are` : `${name}: cancelled already`)
  })
).pipe(Command.withDescription("Has workers start no more jobs of a submission"))
