/** A delta that has arrived: its replica, and its norm (NaN where an element is not finite). */
export interface Arrived {
  readonly replica: number
  readonly norm: number
}

/** A rejected delta, and the reason. */
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
 * Divides the deltas of a round into used and rejected ones: used are those that are finite and whose norm is at most `outlier`
 * times the median of the finite norms. With fewer than three deltas the median includes the norms of the previous round, since
 * of two alone neither can be identified as the outlier.
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

/** Returns the number of replicas that are a quorum; at least one. */
export const quorumOf = (replicas: number, part: number): number => Math.max(1, Math.ceil(replicas * part - 1e-9))
