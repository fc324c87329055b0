import { Effect, Layer } from "effect"
import { BlobUnavailable } from "../../lib/store/blob/blob-error.ts"
import { type BlobOperations, BlobStore } from "../../lib/store/blob/blob-store.ts"
import { type Draws, draws } from "./draws.ts"

/** How often faults come: probabilities per request. */
export interface BlobFaultRates {
  /** Refused before anything was done. */
  readonly refused: number
  /** Done, and the answer lost: a put that created says that it failed. */
  readonly lost: number
  readonly slow: number
  readonly slowSeconds: number
}

/** Rates under which a worker still gets on. */
export const roughStore: BlobFaultRates = { refused: 0.06, lost: 0.06, slow: 0.1, slowSeconds: 0.3 }

const words = ["SlowDown", "InternalError: 500", "ECONNRESET", "ServiceUnavailable: 503", "RequestTimeout"]

const faulty = (store: BlobOperations, draw: Draws, rates: BlobFaultRates): BlobOperations => {
  const failing = <A, E>(key: string, operation: string, effect: Effect.Effect<A, E>) =>
    Effect.suspend((): Effect.Effect<A, E | BlobUnavailable> => {
      const reason = words[Math.floor(draw(`${operation} words`) * words.length)]!
      const fail = Effect.fail(new BlobUnavailable({ store: store.location, key, operation, reason }))
      const pause =
        draw(`${operation} slow`) < rates.slow
          ? Effect.sleep(`${Math.round(draw(`${operation} pause`) * rates.slowSeconds * 1000)} millis`)
          : Effect.void
      const drawn = draw(operation)
      const done = drawn < rates.refused ? fail : drawn < rates.refused + rates.lost ? Effect.andThen(effect, fail) : effect
      return Effect.andThen(pause, done)
    })
  return {
    location: store.location,
    get: (key, sha256) => failing(key, "get", store.get(key, sha256)),
    putIfAbsent: (key, content) => failing(key, "put", store.putIfAbsent(key, content)),
    head: (key) => failing(key, "head", store.head(key)),
    list: (prefix, options) => failing(prefix, "list", store.list(prefix, options)),
    delete: (key) => failing(key, "delete", store.delete(key))
  }
}

/** A store with faults that a seed decides: whether the nth request of a kind meets one depends on nothing else. */
export const blobFaults = (seed: number, rates: BlobFaultRates = roughStore): Layer.Layer<BlobStore, never, BlobStore> =>
  Layer.effect(
    BlobStore,
    Effect.map(BlobStore, (store) => BlobStore.of(faulty(store, draws(seed), rates)))
  )
