import type { NamedNumbers } from "../../lib/engine/engine.ts"

/** The worst fault of numbers that should be others within a tolerance (relative, and absolute below 1); undefined where there is none. */
export const difference = (got: NamedNumbers, expected: NamedNumbers, tolerance: number): string | undefined => {
  if (Object.keys(got).join() !== Object.keys(expected).join())
    return `results ${Object.keys(got)} instead of ${Object.keys(expected)}`
  for (const [name, numbers] of Object.entries(expected)) {
    const mine = got[name]!
    if (mine.constructor !== numbers.constructor)
      return `'${name}' is a ${mine.constructor.name} instead of a ${numbers.constructor.name}`
    if (mine.length !== numbers.length) return `'${name}' has ${mine.length} numbers instead of ${numbers.length}`
    const at = numbers.findIndex(
      (x, i) => !(Object.is(mine[i], x) || Math.abs(mine[i]! - x) <= tolerance * Math.max(1, Math.abs(x)))
    )
    if (at >= 0) return `'${name}'[${at}] is ${mine[at]} instead of ${numbers[at]}`
  }
  return undefined
}
