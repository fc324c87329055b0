import { Clock, Effect, Layer } from "effect"
import { draws } from "./draws.ts"

const spanMillis = 3 * 3_600_000

/**
 * A clock whose wall time jumps, by up to three hours either way, at every eighth reading or so, as where someone sets it or a machine
 * is resumed; its monotonic time and its sleeps are the real clock's. Nothing that leases rest on may read the wall.
 */
export const jumpingClock = (seed: number): Layer.Layer<never> =>
  Layer.effect(
    Clock.Clock,
    Effect.map(Clock.Clock, (clock) => {
      const draw = draws(seed)
      let offset = 0
      const millis = (): number => {
        if (draw("jump") < 1 / 8) offset = Math.round((draw("offset") - 0.5) * 2 * spanMillis)
        return clock.currentTimeMillisUnsafe() + offset
      }
      const nanos = (): bigint => BigInt(millis()) * 1_000_000n
      return {
        ...clock,
        currentTimeMillisUnsafe: millis,
        currentTimeMillis: Effect.sync(millis),
        currentTimeNanosUnsafe: nanos,
        currentTimeNanos: Effect.sync(nanos),
        monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
        monotonicTimeNanos: clock.monotonicTimeNanos,
        sleep: (duration) => clock.sleep(duration)
      }
    })
  )
