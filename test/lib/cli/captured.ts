import { Console, Effect } from "effect"
import { runCommand } from "../../../lib/cli/main.ts"
import type { SignalsShape } from "../../../lib/cli/signals.ts"
import type { CliTables } from "../../../lib/cli/tables.ts"

const noSignals: SignalsShape = { stopping: () => false, stopsItself: Effect.void }

/** Runs a command line and gives what it printed, and how it ended. */
export const captured = (tables: CliTables, ...argv: readonly string[]) =>
  Effect.gen(function* () {
    const lines: string[] = []
    const print = (...parts: readonly unknown[]) => void lines.push(parts.join(" "))
    const console: Console.Console = { ...globalThis.console, log: print, error: print }
    const exit = yield* Effect.exit(runCommand(tables, argv, noSignals).pipe(Effect.provideService(Console.Console, console)))
    return { text: lines.join("\n"), exit }
  })
