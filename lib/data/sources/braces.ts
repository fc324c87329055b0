/** Maximum number of names that a pattern may expand to. */
export const mostNames = 1_000_000

const group = /\{([^{}]*)\}/
const range = /^(\d+)\.\.(\d+)$/

const alternatives = (inner: string): readonly string[] | undefined => {
  const bounds = range.exec(inner)
  if (!bounds) return inner.includes(",") ? inner.split(",") : undefined
  const [from, to] = [Number(bounds[1]), Number(bounds[2])]
  const width = bounds[1]!.startsWith("0") || bounds[1]!.length === bounds[2]!.length ? bounds[1]!.length : 0
  if (to - from + 1 > mostNames) return undefined
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => String(from + i).padStart(width, "0"))
}

/** True where a name has a pattern in braces that `expandBraces` replaces. */
export const hasBraces = (name: string): boolean => {
  const found = group.exec(name)
  return found !== null && alternatives(found[1]!) !== undefined
}

/**
 * Expands a pattern of names as WebDataset writes it, in order: `{000000..000009}` is a range, with leading zeros where the first
 * number has them, and `{a,b}` a choice; several groups multiply. `undefined` for more than 10^6 names.
 */
export const expandBraces = (pattern: string): readonly string[] | undefined => {
  let names: readonly string[] = [pattern]
  while (true) {
    const found = group.exec(names[0] ?? "")
    if (!found) return names
    const choices = alternatives(found[1]!)
    if (choices === undefined) return names
    if (names.length * choices.length > mostNames) return undefined
    // All names have the same groups in the same order; only what is before the first differs.
    names = names.flatMap((name) => choices.map((choice) => name.replace(group, () => choice)))
  }
}
