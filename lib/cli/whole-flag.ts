import { Flag } from "effect/cli"

/** A flag that takes a whole number of at least some size; anything else is wrong usage. */
export const wholeFlag = (name: string, least: number): Flag.Flag<number> =>
  Flag.Int(name).pipe(
    Flag.filter(
      (value) => value >= least,
      (value) => `a whole number ≥ ${least}, got ${value}`
    )
  )
