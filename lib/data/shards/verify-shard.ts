import { createHash } from "node:crypto"
import { Effect, Stream } from "effect"
import { type ByteStore, inside } from "./byte-store.ts"
import type { ShardList } from "./manifest.ts"

/** Reads a whole shard; returns the problem with it, or `undefined` where its bytes have the digest of the list. */
export const verifyShard = Effect.fn("data.verifyShard")(function* (
  store: ByteStore,
  folder: string,
  list: ShardList,
  shard: number
) {
  const state = createHash("sha256")
  const read = Stream.runForEach(store.stream(inside(folder, list.names[shard]!)), (bytes) =>
    Effect.sync(() => state.update(bytes))
  )
  const done = yield* Effect.result(read)
  if (done._tag === "Failure") return done.failure.problem
  const [found, expected] = [state.digest("hex"), list.sha256[shard]!]
  return found === expected ? undefined : `sha256 ${found.slice(0, 12)}…, where the list says ${expected.slice(0, 12)}…`
})
