import { Effect, Exit, Scope, Semaphore } from "effect"

/**
 * Keeps the most recently used resource open for the next use, as long as that requests the same one, e.g. an engine with a
 * compiled step between the rounds of a submission. Uses are sequential; after a failed use the resource is closed.
 *
 * Opening continues to its end even where the job that requested it has lost its lease meanwhile (tracing a large step blocks
 * this thread's heartbeats), so that the next job finds the resource open and does not lose its own lease in the same way.
 */
export const latest = Effect.fnUntraced(function* <A>() {
  const turn = yield* Semaphore.make(1)
  let current: { readonly id: string; readonly scope: Scope.Closeable; readonly value: A } | undefined
  const close = Effect.suspend(() => {
    const closing = current
    current = undefined
    return closing ? Scope.close(closing.scope, Exit.void) : Effect.void
  })
  yield* Effect.addFinalizer(() => close)
  const opened = <E, R>(id: string, open: Effect.Effect<A, E, R | Scope.Scope>) =>
    Effect.gen(function* () {
      if (current?.id === id) return current.value
      yield* close
      const scope = yield* Scope.make()
      const value = yield* Scope.provide(open, scope).pipe(Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause))))
      current = { id, scope, value }
      return value
    }).pipe(Effect.uninterruptible)
  /** Opens the resource `id`, unless it is open already, and uses it. */
  const use = <B, E1, R1, E2, R2>(
    id: string,
    open: Effect.Effect<A, E1, R1 | Scope.Scope>,
    f: (value: A) => Effect.Effect<B, E2, R2>
  ): Effect.Effect<B, E1 | E2, Exclude<R1, Scope.Scope> | R2> =>
    Semaphore.withPermit(
      turn,
      Effect.flatMap(opened(id, open), (value) => Effect.tapError(f(value), () => close))
    ) as never // Scope.provide provides the single scope
  /** Runs an effect that needs the same machine, with no resource open meanwhile. */
  const without = <B, E, R>(effect: Effect.Effect<B, E, R>): Effect.Effect<B, E, R> =>
    Semaphore.withPermit(turn, Effect.andThen(close, effect))
  return { use, without }
})

/** Resource holder returned by `latest`. */
export type Latest<A> = Effect.Success<ReturnType<typeof latest<A>>>
