import { Effect, Schedule } from "effect"
import { type BlobOperations, BlobStore } from "../store/blob/blob-store.ts"

const tries = 4
const pauses = Schedule.jittered(Schedule.exponential("100 millis"))

/** Tries an operation again where its fault may pass, for a few seconds in all. */
const patiently = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.retry(effect, { times: tries, schedule: pauses, while: ({ _tag }) => _tag === "BlobUnavailable" })

/**
 * A store whose passing faults are waited out where they happen: a job that has worked for an hour is not done again because its last
 * put met a 500. What is kept is named by its content or read back, so a put whose answer was lost may be tried again.
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
  Effect.flatMap(BlobStore, (store) => Effect.provideService(effect, BlobStore, BlobStore.of(patientStore(store)))) as never // the store is the one service that is taken
