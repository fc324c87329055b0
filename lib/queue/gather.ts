import { Deferred, Effect, type Result } from "effect"

/** Processes a batch of items: one result for each, in their order, or one error for all. */
export type Flush<A, E> = (items: readonly A[]) => Effect.Effect<readonly Result.Result<void, E>[], E>

interface Gathering<A, E> {
  readonly items: A[]
  readonly full: Deferred.Deferred<void>
  readonly results: Deferred.Deferred<readonly Result.Result<void, E>[], E>
}

/**
 * Gathers items that arrive within some milliseconds of each other, at most `most`, into one request; each caller gets its own
 * item's result. An item is processed even if its caller is interrupted meanwhile.
 */
export const gather = <A, E>(most: number, millis: number, flush: Flush<A, E>): ((item: A) => Effect.Effect<void, E>) => {
  let open: Gathering<A, E> | undefined
  const begin = Effect.suspend(() => {
    const own: Gathering<A, E> = { items: [], full: Deferred.makeUnsafe(), results: Deferred.makeUnsafe() }
    open = own
    const send = Effect.suspend(() => {
      if (open === own) open = undefined
      return flush(own.items)
    })
    const sent = Effect.raceFirst(Effect.sleep(millis), Deferred.await(own.full)).pipe(
      Effect.andThen(send),
      Deferred.into(own.results)
    )
    return Effect.as(Effect.forkDetach(sent), own)
  })
  return Effect.fnUntraced(function* (item: A) {
    const own = open ?? (yield* begin)
    const place = own.items.push(item) - 1
    if (own.items.length === most) {
      open = undefined
      yield* Deferred.succeed(own.full, undefined)
    }
    return yield* Effect.fromResult((yield* Deferred.await(own.results))[place]!)
  })
}
