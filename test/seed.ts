const fromEnvironment = process.env["SEMMIM_SEED"]

/** The seed of every property test: `SEMMIM_SEED` from the environment, or a fixed one, so a failure can be run again. */
export const seed = Number(fromEnvironment ?? 20240301)

if (!Number.isSafeInteger(seed)) throw new RangeError(`SEMMIM_SEED: expected a whole number, got '${fromEnvironment}'`)

/** Prints the seed once a run: this file is vitest's `globalSetup` too (fast-check prints it again with each failure). */
export const setup = (): void => console.info(`property tests: SEMMIM_SEED=${seed}`)
