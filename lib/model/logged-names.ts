import { WiringError } from "../pipeline/errors.ts"

/** Names of the columns that every line of metrics has. */
const reserved: ReadonlySet<string> = new Set(
  "step epoch lr loss gradientNorm samplesPerSecond stepSeconds dataSeconds skipped".split(" ")
)

/** Returns the name of a loss or metric without its stage's name. */
export const bareName = (full: string): string => full.slice(full.lastIndexOf(".") + 1)

/**
 * Returns the names that losses and metrics `STAGE.NAME` are logged under: NAME where only one stage has it, `STAGE.NAME` where
 * several have it, or where every line of metrics has a column NAME. Throws a `WiringError` where a stage has a loss and a metric
 * of one name.
 */
export const loggedNames = (pipeline: string, full: readonly string[]): ReadonlyMap<string, string> => {
  const count = new Map<string, number>()
  for (const name of full) count.set(bareName(name), (count.get(bareName(name)) ?? 0) + 1)
  const twice = full.find((name, i) => full.indexOf(name) !== i)
  if (twice !== undefined) throw new WiringError({ pipeline, problem: `'${twice}' is a loss and a metric: rename one of them` })
  return new Map(
    full.map((name) => {
      const bare = bareName(name)
      return [name, count.get(bare) === 1 && !reserved.has(bare) ? bare : name]
    })
  )
}

/** Returns the value that a stage logs under a name, in a line of a pipeline where other stages may log the same name. */
export const loggedBy = <A>(line: { readonly [name: string]: A }, stage: string, name: string): A | undefined =>
  line[`${stage}.${name}`] ?? line[name]
