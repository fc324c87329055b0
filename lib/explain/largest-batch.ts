/** Upper limit of batch sizes, above any practical one. */
const limit = 1 << 20

/** Maximum number of batch sizes that are planned. */
const tries = 10

/**
 * Returns the largest batch whose plan stays within `bytes`, to about a seventh; 0 where `from` exceeds them already. `planAt`
 * returns the bytes of a batch size, which grow with it at least linearly (a contrastive loss compares all pairs of a batch);
 * infinity where its stages reject such a batch.
 */
export const largestBatch = (planAt: (batch: number) => number, from: number, bytes: number): number => {
  let fitting = { batch: from, bytes: planAt(from) }
  if (fitting.bytes > bytes) return 0
  let exceeding: typeof fitting | undefined
  let next = 2 * from
  for (let i = 0; i < tries; i++) {
    const planned = { batch: next, bytes: planAt(next) }
    const slope = (planned.bytes - fitting.bytes) / (planned.batch - fitting.batch)
    if (planned.bytes > bytes) exceeding = planned
    else fitting = planned
    if (fitting.batch >= limit || (exceeding && exceeding.batch <= 1.15 * fitting.batch)) break
    next = exceeding
      ? Math.floor(Math.sqrt(fitting.batch * exceeding.batch))
      : Math.min(limit, slope > 0 ? Math.ceil(fitting.batch + (1.02 * (bytes - fitting.bytes)) / slope) : limit)
    if (next <= fitting.batch) break
  }
  return fitting.batch
}
