/** A delta that came in: whose it is, and its norm (NaN where it holds a number that is not finite). */
export interface Arrived {
  readonly replica: number
  readonly norm: number
}

/** A delta that is not used, and why. */
export interface Rejected {
  readonly replica: number
  readonly reason: "non-finite" | "outlier"
  readonly detail: string
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/**
 * Which deltas of a round are used: those that are finite and no longer than `outlier` times the median of the finite ones. Two
 * cannot outvote each other, so with fewer than three the median is taken over the earlier round's norms too.
 */
export const judgeDeltas = (
  arrived: readonly Arrived[],
  outlier: number,
  earlier: readonly number[] = []
): { readonly accepted: readonly number[]; readonly rejected: readonly Rejected[] } => {
  const finite = arrived.filter(({ norm }) => Number.isFinite(norm))
  const norms = finite.map(({ norm }) => norm)
  const known = norms.length < 3 ? [...norms, ...earlier] : norms
  const limit = known.length < 3 ? Number.POSITIVE_INFINITY : outlier * median(known)
  const rejected = arrived.flatMap(({ replica, norm }): readonly Rejected[] => {
    if (!Number.isFinite(norm)) return [{ replica, reason: "non-finite", detail: "it holds numbers that are not finite" }]
    return norm > limit ? [{ replica, reason: "outlier", detail: `its norm ${norm} is over ${limit}` }] : []
  })
  const out = new Set(rejected.map(({ replica }) => replica))
  return { accepted: finite.map(({ replica }) => replica).filter((replica) => !out.has(replica)), rejected }
}

/** How many replicas are a quorum; at least one. */
export const quorumOf = (replicas: number, part: number): number => Math.max(1, Math.ceil(replicas * part - 1e-9))
