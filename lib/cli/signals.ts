import { Context, Effect, type Scope } from "effect"

/** What a command may know of the signals that ask it to stop. */
export interface SignalsShape {
  /** Whether a signal has come. */
  readonly stopping: () => boolean
  /** While in scope, the first signal only sets `stopping`, and the command is trusted to stop by itself; the second interrupts. */
  readonly stopsItself: Effect.Effect<void, never, Scope.Scope>
}

/** The signals of this process; by default none ever comes. */
export const Signals = Context.Reference<SignalsShape>("semmim/lib/cli/Signals", {
  defaultValue: () => ({ stopping: () => false, stopsItself: Effect.void })
})

/** What commands see of signals, and what to call when one comes. */
export const makeSignals = (interrupt: () => void): { readonly signals: SignalsShape; readonly came: () => void } => {
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
      count++
      if (holding === 0 || count > 1) interrupt()
    }
  }
}
