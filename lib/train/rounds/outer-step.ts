import type { Slot } from "../../model/layout.ts"

/** What a replica moved in a round: where it started minus where it ended, and how many samples that took. */
export interface Delta {
  readonly replica: number
  readonly samples: number
  readonly values: Float32Array
}

/** The shared state that rounds move. */
export interface Shared {
  readonly student: Float32Array
  /** Null where the pipeline has no teacher. */
  readonly teacher: Float32Array | null
  /** Nesterov momentum's velocity. */
  readonly velocity: Float32Array
}

/** How it moves. */
export interface OuterSettings {
  readonly rate: number
  readonly momentum: number
  /** The teacher's momentum over the whole round: momentum^H of a step's. */
  readonly teacherMomentum: number
}

/** Σ wᵢ·dᵢ with wᵢ = samplesᵢ / Σ samples, added in the order of replicas in double precision, so that it does not depend on who came first. */
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
 * The outer step of DiLoCo (Douillard et al. 2023): SGD with Nesterov momentum on the mean delta, v ← μ·v + d, θ ← θ − η·(d + μ·v);
 * then the teacher follows the merged student, e ← m·e + (1 − m)·θ. A parameter with bounds stays in them. At least one delta.
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
  // What is frozen keeps its teacher: rounding would move it.
  for (const { lrMultiplier, hasTeacher, offset, size } of slots)
    if (teacher && lrMultiplier === 0 && hasTeacher) followed?.set(teacher.subarray(offset, offset + size), offset)
  return { student: moved, teacher: followed, velocity: faster }
}

/** The Euclidean norm of a delta; not finite where any number is not. */
export const normOf = (values: Float32Array): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!
  return Math.sqrt(sum)
}
