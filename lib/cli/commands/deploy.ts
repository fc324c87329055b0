import { Console, Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { deployDefaults, optionsFault } from "../../deploy/options.ts"
import { deployTemplate } from "../../deploy/template.ts"
import { UsageError } from "../../error/usage-error.ts"

const flags = {
  print: Flag.Boolean("print").pipe(
    Flag.withDescription("Prints the CloudFormation template, as JSON; nothing else is done yet, and nothing is asked of AWS"),
    Flag.withDefault(false)
  ),
  prefix: Flag.String("prefix").pipe(
    Flag.withDescription("What all keys in the bucket start with"),
    Flag.withDefault(deployDefaults.prefix)
  ),
  instanceTypes: Flag.String("instance-types").pipe(
    Flag.withMetavar("TYPE,…"),
    Flag.withDescription("Kinds of EC2 instances with one NVIDIA GPU each"),
    Flag.withDefault(deployDefaults.instanceTypes.join(","))
  )
}

/** `semmim deploy --print`: prints a template of the AWS resources that pipelines need. */
export const deploy = Command.make(
  "deploy",
  flags,
  Effect.fn("cli.deploy")(function* ({ print, prefix, instanceTypes }) {
    if (!print) return yield* new UsageError({ problem: "deploy only prints its template: deploy --print" })
    const options = { prefix, instanceTypes: instanceTypes.split(",") }
    const fault = optionsFault(options)
    if (fault !== undefined) return yield* new UsageError({ problem: fault })
    yield* Console.log(JSON.stringify(deployTemplate(options), undefined, 2))
  })
).pipe(Command.withDescription("Prints a CloudFormation template of queues, store and workers on AWS"))
