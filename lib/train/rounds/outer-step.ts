import type { Slot } from "../../model/layout.ts"

/** A replica's change in a round: initial minus final parameters, and the number of samples used. */
export interface Delta {
  readonly replica: number
  readonly samples: number
  readonly values: Float32Array
}

/** Shared state that rounds update. */
export interface Shared {
  readonly student: Float32Array
  /** Null where the pipeline has no teacher. */
  readonly teacher: Float32Array | null
  /** Velocity of the Nesterov momentum. */
  readonly velocity: Float32Array
}

/** Settings of the outer step. */
export interface OuterSettings {
  readonly rate: number
  readonly momentum: number
  /** The teacher's momentum over the whole round: that of a step to the power H (local steps). */
  readonly teacherMomentum: number
}

/**
 * Returns Σ wᵢ·dᵢ with wᵢ = samplesᵢ / Σ samples, summed in the order of replicas in double precision, so that it does not depend
 * on the order of arrival.
 */
export const meanDelta = (deltas: readonly Delta[]): Float64Array => {
  const ordered = [...deltas].sort((a, b) => a.replica - b.replica)
  const samples = ordered.reduce((sum, delta) => sum + delta.samples, 0)
  const mean = new Float64Array(ordered[0]!.values.length)
  for (const { values, samples: own } of ordered) {
    const weight = own / samples
    for (let i = 0; i < mean.length; i++) mean[i]! += weight * values[i]!
  }
  return mean
}

/**
 * Computes the outer step of DiLoCo (Douillard et al. 2023): SGD with Nesterov momentum on the mean delta, v ← μ·v + d, θ ← θ −
 * η·(d + μ·v); then the teacher follows the merged student, e ← m·e + (1 − m)·θ. A parameter with bounds stays within them. Needs
 * at least one delta.
 */
export const outerStep = (
  { student, teacher, velocity }: Shared,
  deltas: readonly Delta[],
  slots: readonly Slot[],
  { rate, momentum, teacherMomentum }: OuterSettings
): Shared => {
  const mean = meanDelta(deltas)
  const moved = new Float32Array(student.length)
  const faster = new Float32Array(velocity.length)
  for (let i = 0; i < moved.length; i++) {
    const speed = momentum * velocity[i]! + mean[i]!
    faster[i] = speed
    moved[i] = student[i]! - rate * (mean[i]! + momentum * speed)
  }
  for (const { clamp, offset, size } of slots)
    if (clamp) for (let i = offset; i < offset + size; i++) moved[i] = Math.min(clamp[1], Math.max(clamp[0], moved[i]!))
  const followed = teacher?.map((value, i) => teacherMomentum * value + (1 - teacherMomentum) * moved[i]!) ?? null
  // Frozen parameters keep their teacher: rounding would change it.
  for (const { lrMultiplier, hasTeacher, offset, size } of slots)
    if (teacher && lrMultiplier === 0 && hasTeacher) followed?.set(teacher.subarray(offset, offset + size), offset)
  return { student: moved, teacher: followed, velocity: faster }
}

/** Returns the Euclidean norm of a delta; not finite where an element is not. */
export const normOf = (values: Float32Array): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!
  return Math.sqrt(sum)
}
