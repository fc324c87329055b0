import { Context, Effect, type Scope } from "effect"

/** Signals that ask a command to stop. */
export interface SignalsShape {
  /** True once a signal has arrived. */
  readonly stopping: () => boolean
  /**
   * While in scope, the first signal only sets `stopping`, on which the command must stop by itself; the second one interrupts.
   */
  readonly stopsItself: Effect.Effect<void, never, Scope.Scope>
}

/** Signals of this process; by default none ever arrives. */
export const Signals = Context.Reference<SignalsShape>("semmim/lib/cli/Signals", {
  defaultValue: () => ({ stopping: () => false, stopsItself: Effect.void })
})

/**
 * Milliseconds within which a further signal counts as the same: Ctrl-C reaches every process of a terminal, and npm and the
 * launcher forward it as well.
 */
const echoMillis = 500

/** Creates the commands' view of signals, and the function to call on each signal. */
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
