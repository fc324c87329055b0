import { Effect } from "effect"
import type { NamedNumbers, Numbers } from "../engine/engine.ts"
import { type Encoded, emptyLike, range, type Side } from "../model/side.ts"
import { EvaluateError } from "./evaluate-error.ts"
import type { Rows } from "./nearest.ts"

/** States of the items [start, end): rows of each field. */
export interface Block {
  readonly start: number
  readonly end: number
  readonly states: NamedNumbers
}

/** An encoded side: all embeddings, and its states block by block, kept in memory or encoded again on request. */
export interface EncodedSide<E> {
  readonly embeddings: Rows
  readonly blocks: readonly { readonly start: number; readonly end: number; readonly load: Effect.Effect<Block, E> }[]
}

const bytesPerItem = (states: NamedNumbers, items: number): number =>
  Object.values(states).reduce((bytes, numbers) => bytes + numbers.byteLength, 0) / items

const allocate = (like: NamedNumbers, items: number, count: number): { readonly [name: string]: Numbers } =>
  Object.fromEntries(Object.entries(like).map(([name, numbers]) => [name, emptyLike(numbers, (numbers.length / items) * count)]))

const copyInto = (into: NamedNumbers, from: NamedNumbers, items: number, at: number): void => {
  for (const [name, numbers] of Object.entries(from)) into[name]!.set(numbers, (numbers.length / items) * at)
}

const encodeBlock = <E>(side: Side<E>, batch: number, start: number, end: number): Effect.Effect<Block, E> =>
  Effect.gen(function* () {
    let states: NamedNumbers = {}
    for (let at = start; at < end; at += batch) {
      const items = range(at, Math.min(end, at + batch))
      const encoded = yield* side.encode(items)
      if (at === start) states = allocate(encoded.states, items.length, end - start)
      copyInto(states, encoded.states, items.length, at - start)
    }
    return { start, end, states }
  })

const finite = (encoded: Encoded, what: string, items: readonly number[]): Effect.Effect<void, EvaluateError> => {
  const at = encoded.embedding.findIndex((x) => !Number.isFinite(x))
  if (at < 0) return Effect.void
  const item = items[Math.floor(at / (encoded.embedding.length / items.length))]
  return Effect.fail(new EvaluateError({ task: "encoding", reason: `the embedding of ${what} ${item} is not finite` }))
}

/**
 * Encodes a side once in batches of `batch`, and keeps its embeddings. Its states are kept too if they take at most `mostBytes`
 * in all; otherwise each block of at most that size is encoded again when it is loaded.
 *
 * Fails with an `EvaluateError` for an embedding that is not finite (`what` names the side), or with the errors of the side's
 * encoder.
 */
export const encodeSide = Effect.fn("evaluate.encodeSide")(function* <E>(
  side: Side<E>,
  what: string,
  batch: number,
  mostBytes: number
) {
  const count = side.groups.length
  let embeddings: Rows = { data: new Float32Array(0), width: 1 }
  let kept: NamedNumbers | undefined
  let perBlock = count
  for (let at = 0; at < count; at += batch) {
    const items = range(at, Math.min(count, at + batch))
    const encoded = yield* side.encode(items)
    yield* finite(encoded, what, items)
    if (at === 0) {
      const width = encoded.embedding.length / items.length
      embeddings = { data: new Float32Array(width * count), width }
      const bytes = bytesPerItem(encoded.states, items.length)
      perBlock = bytes * count <= mostBytes ? count : Math.max(batch, Math.floor(mostBytes / bytes))
      if (perBlock >= count) kept = allocate(encoded.states, items.length, count)
    }
    embeddings.data.set(encoded.embedding, at * embeddings.width)
    if (kept) copyInto(kept, encoded.states, items.length, at)
  }
  const starts = Array.from({ length: Math.ceil(count / Math.max(1, perBlock)) }, (_, i) => i * perBlock)
  const blocks = starts.map((start) => {
    const end = Math.min(count, start + perBlock)
    return { start, end, load: kept ? Effect.succeed({ start, end, states: kept }) : encodeBlock(side, batch, start, end) }
  })
  return { embeddings, blocks } satisfies EncodedSide<E>
})
