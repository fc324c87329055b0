import { Flag } from "effect/cli"

/** Creates a flag that takes an integer of at least `least`; any other value is a usage error. */
export const wholeFlag = (name: string, least: number): Flag.Flag<number> =>
  Flag.Int(name).pipe(
    Flag.filter(
      (value) => value >= least,
      (value) => `a whole number ≥ ${least}, got ${value}`
    )
  )
