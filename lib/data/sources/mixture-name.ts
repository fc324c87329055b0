/** A part of a mixture: its location, and its share of the whole. */
export interface MixturePart {
  readonly name: string
  /** Weight above 0; only ratios count. */
  readonly weight: number
}

const part = /\*(\d+(?:\.\d+)?|\.\d+)(?=\+|$)/g

/**
 * Parses the parts of `A*0.7+B*0.3`: locations, each with its weight; `undefined` for a name that is not a mixture.
 *
 * Every part ends with `*` and a number, so that a `+` or `*` elsewhere in a name needs no escape: a `+` separates parts only
 * after a weight. `A*2` alone is a mixture of one. A name without a location before a weight is not a mixture.
 */
export const parseMixture = (name: string): readonly MixturePart[] | undefined => {
  const parts: MixturePart[] = []
  let from = 0
  for (const match of name.matchAll(part)) {
    parts.push({ name: name.slice(from, match.index), weight: Number(match[1]) })
    from = match.index + match[0].length + 1
  }
  if (parts.length === 0 || from !== name.length + 1 || parts.some((each) => each.name === "")) return undefined
  return parts
}
