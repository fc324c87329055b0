import { join } from "node:path"
import { Effect, FileSystem } from "effect"
import type { Engine } from "../../engine/engine.ts"
import { keys } from "../../job/keys.ts"
import { writeAtomically } from "../../store/atomic.ts"
import { type BlobPage, BlobStore } from "../../store/blob/blob-store.ts"

/**
 * True for the name of a complete file: names of files being written start with a dot (this project's) or end with `.tmp`
 * (XLA's).
 */
const isWhole = (name: string): boolean => /^[A-Za-z0-9_=-][A-Za-z0-9._=-]*(?<!\.tmp)$/.test(name)

/** Names of a folder's files; none where the folder does not exist. */
const namesIn = (folder: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.readDirectory(folder)).pipe(
    Effect.map((names) => names.filter(isWhole)),
    Effect.orElseSucceed((): readonly string[] => [])
  )

/** Runs an effect on the store or disk that may fail at no cost but time. */
const ifItCan = <A, E extends { readonly message: string }, R>(doing: string, effect: Effect.Effect<A, E, R>) =>
  Effect.catch(Effect.asVoid(effect), (error) => Effect.logWarning(`${doing} compiled programs: ${error.message}`))

/**
 * Fetches code that other workers of a submission have compiled for machines of this kind, so that XLA's compilation of several
 * minutes is not repeated in each container. Returns an effect that stores the code compiled by this worker since. The digest of
 * the kind of machine and those in the files' names are the engine's; contents are verified against the digests that they were
 * written with.
 */
export const sharedCompiled = Effect.fn("worker.sharedCompiled")(function* (submission: string, { compiled }: Engine) {
  if (compiled === undefined) return Effect.void
  const store = yield* BlobStore
  const { folder, kind } = compiled
  const prefix = keys.compiled(submission, kind)
  const fetchAll = Effect.gen(function* () {
    const here = yield* namesIn(folder)
    let after: string | undefined
    do {
      const page: BlobPage = yield* store.list(prefix, after === undefined ? {} : { after })
      for (const { key } of page.blobs) {
        const name = key.slice(prefix.length)
        if (!isWhole(name) || here.includes(name)) continue
        const { content } = yield* store.get(key)
        yield* writeAtomically(join(folder, name), content)
      }
      after = page.next
    } while (after !== undefined)
  })
  yield* ifItCan("fetching", fetchAll)
  const known = new Set(yield* namesIn(folder))
  return Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    for (const name of yield* namesIn(folder)) {
      if (known.has(name)) continue
      yield* store.putIfAbsent(`${prefix}${name}`, yield* fs.readFile(join(folder, name)))
      known.add(name)
    }
  }).pipe((effect) => ifItCan("keeping", effect))
})
