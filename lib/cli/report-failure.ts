import { Cause, Runtime } from "effect"
import { CliError } from "effect/cli"

/** Report of a command's failure: its line and the exit status. */
export interface Report {
  readonly line: string
  readonly status: number
}

const oneLine = (text: string): string => text.trim().replace(/\s*\n\s*/g, " ")

const messageOf = (error: unknown): string => {
  if (error instanceof Error && error.message !== "") return error.message
  if (typeof error === "object" && error !== null && "_tag" in error) return String(error._tag)
  return String(error)
}

/**
 * Converts a failure to one line and an exit status (design.md §6): 2 for wrong usage or settings, 130 for an interruption, 1
 * otherwise; with `debug` the line is followed by the stack.
 */
export const reportOf = (cause: Cause.Cause<unknown>, debug: boolean): Report => {
  if (Cause.hasInterruptsOnly(cause)) return { line: "semmim: interrupted", status: 130 }
  const error = Cause.squash(cause)
  const stack = debug ? `\n${Cause.pretty(cause)}` : ""
  if (CliError.isCliError(error)) {
    if (error._tag !== "ShowHelp") return { line: `semmim: ${oneLine(messageOf(error))}${stack}`, status: 2 }
    if (error.errors.length === 0) return { line: "", status: 0 }
    const said = error.errors.map((each) => oneLine(messageOf(each))).join("; ")
    return { line: `semmim: ${said}; ${error.commandPath.join(" ")} --help says what it takes${stack}`, status: 2 }
  }
  return { line: `semmim: ${oneLine(messageOf(error))}${stack}`, status: Runtime.getErrorExitCode(error) }
}
