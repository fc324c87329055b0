import { Context, Effect, type Scope } from "effect"

/** Signals that ask a command to stop. */
export interface SignalsShape {
  /** True once a signal has come. */
  readonly stopping: () => boolean
  /** While in scope, the first signal only sets `stopping`, and the command is trusted to stop by itself; the second interrupts. */
  readonly stopsItself: Effect.Effect<void, never, Scope.Scope>
}

/** The signals of this process; by default none ever comes. */
export const Signals = Context.Reference<SignalsShape>("semmim/lib/cli/Signals", {
  defaultValue: () => ({ stopping: () => false, stopsItself: Effect.void })
})

/**
 * Signals that come so soon after another are the same one: Ctrl-C reaches every process of a terminal, and npm and the launcher pass
 * it on as well.
 */
const echoMillis = 500

/** The commands' view of signals, and the function to call when one comes. */
export const makeSignals = (
  interrupt: () => void,
  now: () => number = () => performance.now()
): { readonly signals: SignalsShape; readonly came: () => void } => {
  let last = Number.NEGATIVE_INFINITY
  let count = 0
  let holding = 0
  const hold = Effect.acquireRelease(
    Effect.sync(() => {
      holding++
    }),
    () =>
      Effect.sync(() => {
        holding--
      })
  )
  return {
    signals: { stopping: () => count > 0, stopsItself: hold },
    came: () => {
      const echo = now() - last < echoMillis
      last = now()
      if (echo) return
      count++
      if (holding === 0 || count > 1) interrupt()
    }
  }
}
