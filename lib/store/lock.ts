import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { Clock, Effect, FileSystem, Option, type PlatformError, Schedule, Schema, type Scope } from "effect"
import { makeFolder } from "./make-folder.ts"
import { ProcessIdentity, processState, thisProcess } from "./process-identity.ts"
import { type StoreError, storeError } from "./store-error.ts"

/** A folder locked by another process, with that process and its start time. */
export class FolderInUse extends Schema.TaggedError<FolderInUse>()("FolderInUse", {
  folder: Schema.String,
  pid: Schema.Int,
  started: Schema.String,
  /**
   * Seconds since the last sign of life of a holder on another machine or in another container; absent for one that runs here.
   */
  seen: Schema.optionalKey(Schema.Finite)
}) {
  override get message(): string {
    const where = this.seen === undefined ? "" : `, on another machine or in another container, last seen ${this.seen} s ago`
    return `${this.folder}: in use by process ${this.pid}, started ${this.started}${where}`
  }
}

const Holder = Schema.fromJsonString(Schema.Struct({ ...ProcessIdentity.fields, nonce: Schema.String }))
type Holder = typeof Holder.Type

const lockName = ".lock"
const nextName = ".lock.next"
const beatSeconds = 5

/** Seconds without a sign of life after which a lock from another machine or container counts as abandoned. */
export const goneAfterSeconds = 30

const isTag = (tag: string) => (error: PlatformError.PlatformError) => error.reason._tag === tag

/**
 * Creates a file with its whole content, or reports that it exists: a link is the one exclusive creation that is never partial.
 */
const claim = Effect.fnUntraced(function* (path: string, content: string) {
  const fs = yield* FileSystem.FileSystem
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`
  const linked = fs.writeFileString(temporary, content, { flag: "wx" }).pipe(
    Effect.andThen(fs.link(temporary, path)),
    Effect.as(true),
    Effect.catchIf(isTag("AlreadyExists"), () => Effect.succeed(false)),
    Effect.ensuring(Effect.ignore(fs.remove(temporary, { force: true })))
  )
  return yield* linked
})

/**
 * Returns the holder of a lock file: undefined if there is no file; "unknown" for a file that cannot be read, which counts as
 * abandoned.
 */
const holderOf = Effect.fnUntraced(function* (path: string) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* fs.readFileString(path).pipe(
    Effect.asSome,
    Effect.catchIf(isTag("NotFound"), () => Effect.succeed(Option.none<string>()))
  )
  if (Option.isNone(text)) return undefined
  return Option.getOrElse(Schema.decodeUnknownOption(Holder)(text.value), () => "unknown" as const)
})

/** Fails if a holder is alive; succeeds if its lock is abandoned. */
const refuseWorking = Effect.fnUntraced(function* (folder: string, path: string, holder: Holder | "unknown") {
  if (holder === "unknown") return
  const { pid, started } = holder
  const state = processState(holder)
  if (state === "alive") return yield* new FolderInUse({ folder, pid, started })
  if (state === "dead") return
  const fs = yield* FileSystem.FileSystem
  const info = yield* fs.stat(path)
  const now = yield* Clock.currentTimeMillis
  const beat = Option.match(info.mtime, { onNone: () => 0, onSome: (time) => time.getTime() })
  const seen = Math.round(Math.abs(now - beat) / 1000)
  if (seen <= goneAfterSeconds) return yield* new FolderInUse({ folder, pid, started, seen })
})

/**
 * Tries once to lock; true if the lock is ours. Only the holder of `.lock.next` may remove an abandoned lock, and checks again
 * first, so two processes that find the same one cannot both take it.
 */
const tryLock = Effect.fnUntraced(function* (folder: string, content: string) {
  const fs = yield* FileSystem.FileSystem
  const path = join(folder, lockName)
  const next = join(folder, nextName)
  if (yield* claim(path, content)) return true
  const holder = yield* holderOf(path)
  if (holder === undefined) return false
  yield* refuseWorking(folder, path, holder)
  if (!(yield* claim(next, content))) {
    const other = yield* holderOf(next)
    if (other !== undefined) {
      yield* refuseWorking(folder, next, other)
      yield* fs.remove(next, { force: true })
    }
    return false
  }
  return yield* Effect.gen(function* () {
    const still = yield* holderOf(path)
    if (still !== undefined) {
      yield* refuseWorking(folder, path, still)
      yield* fs.remove(path, { force: true })
    }
    return yield* claim(path, content)
  }).pipe(Effect.ensuring(Effect.ignore(fs.remove(next, { force: true }))))
})

/**
 * Locks a folder for this process until the scope closes; creates the folder if it is missing.
 * Fails immediately with `FolderInUse`, naming the process, while another one (or this one) holds it. The lock of a process that
 * is gone is taken over: killed, or its pid in use by another process now; a holder on another machine, in another container or
 * from before a reboot cannot be looked up, so locks are refreshed every 5 seconds while held, and such a lock counts as
 * abandoned after 30 seconds without a refresh. Requires hard links.
 */
export const lockFolder: (folder: string) => Effect.Effect<void, FolderInUse | StoreError, FileSystem.FileSystem | Scope.Scope> =
  Effect.fn("store.lockFolder")(function* (folder: string) {
    const fs = yield* FileSystem.FileSystem
    const path = join(folder, lockName)
    const nonce = randomBytes(8).toString("hex")
    const content = JSON.stringify({ ...thisProcess(), nonce } satisfies Holder)
    const acquire = makeFolder(folder).pipe(
      // False means that the lock changed hands meanwhile, which cannot repeat forever.
      Effect.andThen(Effect.repeat(tryLock(folder, content), { until: (ours) => ours, times: 100 })),
      Effect.flatMap((ours) => (ours ? Effect.void : Effect.die(new Error(`${folder}: its lock changes hands without end`)))),
      Effect.catchTag("PlatformError", (error) => Effect.fail(storeError(folder)(error)))
    )
    const release = holderOf(path).pipe(
      Effect.flatMap((holder) =>
        holder !== undefined && holder !== "unknown" && holder.nonce === nonce ? fs.remove(path) : Effect.void
      ),
      Effect.ignore
    )
    yield* Effect.acquireRelease(acquire, () => release)
    const beat = Effect.flatMap(Clock.currentTimeMillis, (now) => fs.utimes(path, new Date(now), new Date(now)))
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(beat), Schedule.spaced(`${beatSeconds} seconds`)))
  })
