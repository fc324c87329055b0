import { Effect } from "effect"
import { keys } from "../../job/keys.ts"
import { readRecord } from "../../job/records.ts"
import { BlobStore } from "../../store/blob/blob-store.ts"
import { Closing, Round } from "../../train/rounds/records.ts"
import { readCheckpoint } from "./checkpoint.ts"

/** Returns the digests of the contents that a round's jobs start from. */
const startedFrom = Effect.fnUntraced(function* (submission: string, round: Round) {
  const { model, teacher, velocity, state } = yield* readCheckpoint(submission, round.checkpoint)
  const states = round.replicas.map((replica) => replica.state)
  return [model, teacher, velocity, state, ...states].filter((digest) => digest !== null)
})

/**
 * Deletes the tensors of a round that are no longer needed once the round after the next is open: its initial state, unless a
 * later round starts from it too, and its deltas. Otherwise a run would keep about ten times its model for each round. Records
 * and metrics stay. Deletion may fail: workers on AWS have no permission to delete, and the bucket's lifecycle rule does it.
 */
export const forgetRound = Effect.fn("job.forgetRound")(
  function* (submission: string, number: number) {
    const store = yield* BlobStore
    const [round, next, last] = yield* Effect.forEach([number, number + 1, number + 2], (each) =>
      readRecord(keys.round(submission, each), Round)
    )
    const closing = yield* readRecord(keys.closed(submission, number), Closing)
    if (!round || !next || !last || !closing) return
    const needed = new Set([...(yield* startedFrom(submission, next)), ...(yield* startedFrom(submission, last))])
    const own = [...(yield* startedFrom(submission, round)), ...closing.used.map(({ delta }) => delta)]
    const gone = new Set(own.filter((digest) => !needed.has(digest)))
    yield* Effect.forEach(gone, (digest) => store.delete(keys.content(submission, digest)), { concurrency: 4, discard: true })
  },
  (forgetting) => Effect.ignore(forgetting)
)
