import { Clock, Effect, type Scope } from "effect"
import { line, type ProgressState, plainLine } from "./progress-line.ts"

/** Output on which progress is shown. */
export interface ProgressOutput {
  readonly write: (text: string) => void
  /** Width of a terminal whose line may be rewritten; `undefined` for a log, which receives no control characters. */
  readonly columns: () => number | undefined
}

/** Intervals at which progress is shown. */
export interface ProgressPace {
  /** In a log, the minimum number of seconds between two lines. */
  readonly everySeconds?: number
  /** In a log, the number of steps after which a line is written, however quickly they pass. */
  readonly everySteps?: number
}

/** Receiver of progress reports; it never fails, and is cheap to call at every step. */
export interface Progress {
  /** Reports the progress, which is shown when due. `elapsed` is measured from the start of the progress. */
  readonly update: (state: Omit<ProgressState, "elapsed">) => Effect.Effect<void>
  /** Prints a separate line, above the progress bar if there is one. */
  readonly print: (text: string) => Effect.Effect<void>
}

/** Standard error: rewritten in place if it is a terminal that is not dumb and NO_COLOR is not set (see no-color.org). */
export const standardError: ProgressOutput = {
  write: (text) => void process.stderr.write(text),
  columns: () => {
    const plain = !process.stderr.isTTY || (process.env["NO_COLOR"] ?? "") !== "" || process.env["TERM"] === "dumb"
    return plain ? undefined : (process.stderr.columns ?? 80)
  }
}

const barMillis = 100
const clearLine = "\r\u001b[K"

/**
 * Begins to report progress: on a terminal one line, rewritten at most ten times a second; in a log a line at most every
 * `everySeconds` (10), or at every `everySteps`, and one at the end. When the scope closes the last state is shown and kept.
 */
export const beginProgress = (
  output: ProgressOutput = standardError,
  pace: ProgressPace = {}
): Effect.Effect<Progress, never, Scope.Scope> =>
  Effect.gen(function* () {
    const everyMillis = (pace.everySeconds ?? 10) * 1000
    const started = yield* Clock.currentTimeMillis
    let latest: ProgressState | undefined
    let shown: { readonly at: number; readonly state: ProgressState } | undefined

    const isTime = (now: number, state: ProgressState, columns: number | undefined): boolean => {
      if (shown === undefined) return true
      if (columns !== undefined) return now - shown.at >= barMillis
      if (pace.everySteps !== undefined && state.done - shown.state.done >= pace.everySteps) return true
      return now - shown.at >= everyMillis
    }
    const show = (now: number, state: ProgressState, columns: number | undefined): void => {
      // The last column stays free: some terminals wrap when it is written.
      output.write(columns === undefined ? `${plainLine(state)}\n` : `${clearLine}${line(state, columns - 1)}`)
      shown = { at: now, state }
    }
    const update = (reported: Omit<ProgressState, "elapsed">) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const columns = output.columns()
        latest = { ...reported, elapsed: (now - started) / 1000 }
        if (isTime(now, latest, columns)) show(now, latest, columns)
      })
    /** Shows the last state unless it is shown already, and ends the line. */
    const finish = (now: number): void => {
      if (latest === undefined) return
      const columns = output.columns()
      if (shown?.state !== latest) show(now, latest, columns)
      if (columns !== undefined) output.write("\n")
      latest = undefined
    }
    const print = (text: string) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const columns = output.columns()
        output.write(`${columns === undefined ? "" : clearLine}${text}\n`)
        if (columns !== undefined && latest !== undefined) show(now, latest, columns)
      })
    yield* Effect.addFinalizer(() => Effect.map(Clock.currentTimeMillis, finish))
    return { update, print }
  })
