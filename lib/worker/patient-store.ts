import { Effect, Schedule } from "effect"
import { type BlobOperations, BlobStore } from "../store/blob/blob-store.ts"

const tries = 4
const pauses = Schedule.jittered(Schedule.exponential("100 millis"))

/** Retries an operation on transient errors, for a few seconds in all. */
const patiently = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.retry(effect, { times: tries, schedule: pauses, while: ({ _tag }) => _tag === "BlobUnavailable" })

/**
 * Returns a store that retries on transient errors, so that a job of an hour is not repeated because its last put met a status
 * 500. Contents are named by their digest or read back, so a put whose response was lost may be retried.
 */
export const patientStore = ({ location, get, putIfAbsent, head, list, delete: remove }: BlobOperations): BlobOperations => ({
  location,
  get: (...given) => patiently(get(...given)),
  putIfAbsent: (...given) => patiently(putIfAbsent(...given)),
  head: (...given) => patiently(head(...given)),
  list: (...given) => patiently(list(...given)),
  delete: (...given) => patiently(remove(...given))
})

/** Runs an effect with such a store. */
export const withPatience = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | BlobStore> =>
  Effect.flatMap(BlobStore, (store) => Effect.provideService(effect, BlobStore, BlobStore.of(patientStore(store)))) as never // the one service provided
