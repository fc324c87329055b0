import { Effect, Exit, Scope, Semaphore } from "effect"

/**
 * Keeps the resource that was used last open for the next use, as long as that wants the same one: an engine with a compiled step
 * between the rounds of a submission. One use at a time; after a use that failed the resource is closed.
 *
 * Opening goes on to its end even where the job it was for has lost its lease meanwhile (tracing a large step keeps this thread from
 * its heartbeats): so the next one finds it open, and does not lose its own lease in the same way.
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
  /** Opens, or finds open, what `id` names, and uses it. */
  const use = <B, E1, R1, E2, R2>(
    id: string,
    open: Effect.Effect<A, E1, R1 | Scope.Scope>,
    f: (value: A) => Effect.Effect<B, E2, R2>
  ): Effect.Effect<B, E1 | E2, Exclude<R1, Scope.Scope> | R2> =>
    Semaphore.withPermit(
      turn,
      Effect.flatMap(opened(id, open), (value) => Effect.tapError(f(value), () => close))
    ) as never // Scope.provide gives the one scope
  /** Something else that needs the same machine: nothing is open meanwhile. */
  const without = <B, E, R>(effect: Effect.Effect<B, E, R>): Effect.Effect<B, E, R> =>
    Semaphore.withPermit(turn, Effect.andThen(close, effect))
  return { use, without }
})

/** See `latest`. */
export type Latest<A> = Effect.Success<ReturnType<typeof latest<A>>>
