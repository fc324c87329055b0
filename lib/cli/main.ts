import * as NodeServices from "@effect/platform-node/NodeServices"
import { type Cause, Effect, Exit, Fiber, Layer, Logger } from "effect"
import { CliOutput, Command } from "effect/cli"
import { lineLogger } from "../log/line-logger.ts"
import { cancel } from "./commands/cancel.ts"
import { deploy } from "./commands/deploy.ts"
import { doctor } from "./commands/doctor.ts"
import { embed } from "./commands/embed.ts"
import { evaluate } from "./commands/evaluate.ts"
import { explain } from "./commands/explain.ts"
import { exportCommand } from "./commands/export.ts"
import { inspect } from "./commands/inspect.ts"
import { lambda } from "./commands/lambda.ts"
import { list } from "./commands/list.ts"
import { prepare } from "./commands/prepare.ts"
import { redrive } from "./commands/redrive.ts"
import { run } from "./commands/run.ts"
import { stage } from "./commands/stage.ts"
import { status } from "./commands/status.ts"
import { submit } from "./commands/submit.ts"
import { worker } from "./commands/worker.ts"
import { reportOf } from "./report-failure.ts"
import { makeSignals, Signals, type SignalsShape } from "./signals.ts"
import type { CliTables } from "./tables.ts"
import { watchParents } from "./watch-parents.ts"

/** The command line `semmim`, over tables of pipelines, stages, tasks and engines. */
export const semmim = (tables: CliTables) =>
  Command.make("semmim").pipe(
    Command.withDescription("Pre-trains vision-language models with semantic masked image modelling"),
    Command.withSubcommands([
      run(tables),
      prepare(tables),
      list(tables),
      explain(tables),
      stage(tables),
      inspect(tables),
      doctor(tables),
      evaluate(tables),
      embed(tables),
      exportCommand(tables),
      submit(tables),
      worker(tables),
      status,
      redrive,
      cancel,
      lambda(tables),
      deploy
    ])
  )

/** Help and version as Effect prints them; wrong usage is one line made by `reportOf`, without the help text. */
const presenter: CliOutput.Presenter = {
  present: (event) => (event._tag === "InvalidInvocation" ? Effect.void : CliOutput.defaultPresenter.present(event))
}

/** Runs the command line on arguments; fails with the error of its command. */
export const runCommand = (tables: CliTables, argv: readonly string[], signals: SignalsShape) =>
  Command.runWith(semmim(tables), { version: tables.version })(argv).pipe(
    Effect.provideService(Signals, signals),
    Effect.provide(Layer.mergeAll(NodeServices.layer, CliOutput.layerPresenter(presenter), Logger.layer([lineLogger])))
  )

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** Milliseconds for which open handles may keep the process alive after its command has ended. */
const graceMillis = 1000

const wantsStacks = (argv: readonly string[]): boolean => /--log-level[= ](all|trace|debug)\b/i.test(argv.join(" "))

/**
 * Runs the process: executes the command line and ends with its exit status (design.md §6). A failure is one line on standard
 * error, with its stack under `--log-level debug`. SIGINT, SIGTERM, SIGHUP and the end of the parent processes interrupt the
 * command, unless it stops by itself; the status is 130 in either case.
 */
export const main = (tables: CliTables, argv: readonly string[] = process.argv.slice(2)): void => {
  let interrupt = (): void => {}
  const { signals, came } = makeSignals(() => interrupt())
  for (const signal of stopSignals) process.on(signal, came)
  watchParents(came)
  // The reader of the output may have ended first, which must not end the command without a checkpoint.
  for (const output of [process.stdout, process.stderr]) output.on("error", () => {})
  const fiber = Effect.runFork(runCommand(tables, argv, signals))
  interrupt = () => void Effect.runFork(Fiber.interrupt(fiber))
  fiber.addObserver((exit: Exit.Exit<void, unknown>) => {
    const { line, status } = Exit.isSuccess(exit)
      ? { line: "", status: 0 }
      : reportOf(exit.cause as Cause.Cause<unknown>, wantsStacks(argv))
    if (line !== "") process.stderr.write(`${line}\n`)
    // Exiting here would lose pending output: the process ends when nothing is left to do, or after `graceMillis` in any case.
    process.exitCode = signals.stopping() ? 130 : status
    setTimeout(() => process.exit(), graceMillis).unref()
    for (const signal of stopSignals) process.off(signal, came)
  })
}
