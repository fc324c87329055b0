import { Console, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { statusOf } from "../../job/status.ts"
import { jsonFlag } from "../flags.ts"
import { checkName, storeFlag, storeLayer } from "../job-layers.ts"
import { statusText } from "../status-text.ts"

const flags = {
  name: Argument.String("name").pipe(Argument.withDescription("A submission")),
  store: storeFlag,
  price: Flag.Finite("price").pipe(Flag.withDescription("What an hour of a worker costs, for the estimate"), Flag.withDefault(0)),
  json: jsonFlag
}

/** `semmim status NAME`: reports the state of a submission from the store. */
export const status = Command.make(
  "status",
  flags,
  Effect.fn("cli.status")(function* ({ name, store, price, json }) {
    const found = yield* Effect.provide(statusOf(yield* checkName(name)), storeLayer(store))
    const { submission, ...rest } = found
    const cost = (found.busySeconds / 3600) * price
    yield* Console.log(json ? JSON.stringify({ submission: submission.name, ...rest, cost }) : statusText(found, price))
  })
).pipe(Command.withDescription("Says how a submission is doing: progress, rate, cost, failures by reason"))
