import { Clock, Effect } from "effect"
import { keys } from "../job/keys.ts"
import { hasRecord } from "../job/records.ts"
import { type OpenSubmission, openSubmission } from "../job/submission.ts"
import type { Tables } from "../pipeline/load.ts"

const most = 16
const freshMillis = 2_000

/** Caches submissions of a worker: each is read and loaded once; its cancellation is checked every two seconds. */
export const knownSubmissions = (tables: Tables) => {
  const opened = new Map<string, OpenSubmission>()
  const asked = new Map<string, { readonly at: number; readonly cancelled: boolean }>()
  const trim = (map: Map<string, unknown>) => {
    for (const name of map.keys()) if (map.size > most) map.delete(name)
  }
  const open = Effect.fnUntraced(function* (name: string, digest: string) {
    const id = `${name} ${digest}`
    const known = opened.get(id)
    if (known) return known
    const found = yield* openSubmission(name, digest, tables)
    opened.set(id, found)
    trim(opened)
    return found
  })
  const isCancelled = Effect.fnUntraced(function* (name: string) {
    const now = yield* Clock.currentTimeMillis
    const known = asked.get(name)
    if (known && (known.cancelled || Math.abs(now - known.at) < freshMillis)) return known.cancelled
    const cancelled = yield* hasRecord(keys.cancelled(name))
    asked.set(name, { at: now, cancelled })
    trim(asked)
    return cancelled
  })
  return { open, isCancelled }
}
export type KnownSubmissions = ReturnType<typeof knownSubmissions>
