import { Effect, Schema } from "effect"
import { JobRefused } from "../../job/job-error.ts"
import { readContent } from "../../job/records.ts"
import { type Layout, setOf } from "../../model/layout.ts"
import { canonical } from "../../store/canonical.ts"
import { attempt } from "../../store/safetensors/safetensors-error.ts"
import type { Shared } from "../../train/rounds/outer-step.ts"
import { Checkpoint } from "../../train/rounds/records.ts"
import { decodeSlots, encodeSlots } from "../../train/rounds/tensors.ts"

/** Returns the bytes of a checkpoint's record, of which its digest is computed. */
export const checkpointBytes = (checkpoint: Checkpoint): Uint8Array => new TextEncoder().encode(`${canonical(checkpoint)}\n`)

/** Reads the record of a checkpoint by its digest. */
export const readCheckpoint = Effect.fn("worker.readCheckpoint")(function* (submission: string, digest: string) {
  const text = new TextDecoder().decode(yield* readContent(submission, digest))
  return yield* Schema.decodeUnknownEffect(Schema.fromJsonString(Checkpoint))(text).pipe(
    Effect.mapError(() => new JobRefused({ reason: "no-checkpoint", detail: `${digest} is no checkpoint` }))
  )
})

/**
 * Reads the parameters of a checkpoint: student, teacher (where there is one), and the velocity of the outer momentum (0 before
 * the first step).
 */
export const readShared = Effect.fn("worker.readShared")(function* (submission: string, checkpoint: Checkpoint, layout: Layout) {
  const { slots, length } = layout
  const teacher = setOf(layout, "teacher")
  const read = Effect.fnUntraced(function* (digest: string, own: typeof slots, size: number) {
    const bytes = yield* readContent(submission, digest)
    return yield* attempt(() => decodeSlots(own, size, bytes, digest))
  })
  return {
    student: yield* read(checkpoint.model, slots, length),
    teacher: teacher && checkpoint.teacher !== null ? yield* read(checkpoint.teacher, teacher.slots, teacher.length) : null,
    velocity: checkpoint.velocity === null ? new Float32Array(length) : yield* read(checkpoint.velocity, slots, length)
  } satisfies Shared
})

/** Returns the files of such parameters. */
export const sharedFiles = ({ student, teacher, velocity }: Shared, { slots, sets }: Layout) => ({
  model: encodeSlots(slots, student),
  teacher: teacher && encodeSlots(setOf({ sets }, "teacher")?.slots ?? [], teacher),
  velocity: encodeSlots(slots, velocity)
})
