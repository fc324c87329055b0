import { randomBytes } from "node:crypto"
import { basename, dirname, join, relative, resolve } from "node:path"
import { Effect, FileSystem, Layer, Option, type PlatformError } from "effect"
import { sha256 } from "../digest.ts"
import { storeError } from "../store-error.ts"
import { BlobDamaged, type BlobError, BlobMissing, BlobRefused, BlobUnavailable } from "./blob-error.ts"
import { checkKey } from "./blob-key.ts"
import { type BlobOperations, BlobStore } from "./blob-store.ts"
import { durableFolders } from "./file-folders.ts"
import { keysAfter } from "./file-list.ts"
import { verified } from "./verified.ts"

const objectName = /^(?:\.\.\/)*\.objects\/([0-9a-f]{64})-[0-9a-f]{12}$/

/** Up to this many bytes, in a known folder, writing a content and finding its key taken is cheaper than checking first. */
const small = 65_536

const tagIs =
  (...tags: ReadonlyArray<string>) =>
  (error: PlatformError.PlatformError): boolean =>
    tags.includes(error.reason._tag)

/** Returns the system's own code ("EINVAL") for errors that Effect has no name for. */
const codeOf = (error: PlatformError.PlatformError): unknown => {
  const { cause } = error.reason
  return cause instanceof Error && "code" in cause ? cause.code : undefined
}

const operations = (fs: FileSystem.FileSystem, root: string): BlobOperations => {
  const folders = durableFolders(root)
  const withDisk = Effect.provideService(FileSystem.FileSystem, fs)
  const failure =
    (key: string, operation: string) =>
    (error: PlatformError.PlatformError): BlobError => {
      const { reason } = storeError(key)(error)
      return tagIs("PermissionDenied")(error) || codeOf(error) === "ENOTDIR" || codeOf(error) === "EINVAL"
        ? new BlobRefused({ store: root, key, reason })
        : new BlobUnavailable({ store: root, key, operation, reason })
    }
  const missing = (key: string) => new BlobMissing({ store: root, key })
  const pathOf = (key: string) => Effect.as(checkKey(root, key), join(root, key))

  /** Returns the object of a key: its path and the SHA-256 recorded when it was written. */
  const objectOf = Effect.fnUntraced(function* (key: string, operation: string) {
    const path = yield* pathOf(key)
    const target = yield* fs.readLink(path).pipe(
      Effect.asSome,
      Effect.catchIf(tagIs("NotFound"), () => Effect.succeed(Option.none<string>())),
      Effect.mapError(failure(key, operation))
    )
    if (Option.isNone(target)) return undefined
    const recorded = objectName.exec(target.value)?.[1]
    if (recorded === undefined) return yield* new BlobRefused({ store: root, key, reason: "a link that this store did not make" })
    return { path: join(folders.objects, basename(target.value)), recorded }
  })

  /** Reads the object of a key; an object that is gone together with its key was deleted meanwhile. */
  const reading = <A>(key: string, operation: string, read: (path: string) => Effect.Effect<A, PlatformError.PlatformError>) =>
    Effect.gen(function* () {
      const object = yield* objectOf(key, operation)
      if (object === undefined) return yield* missing(key)
      const got = yield* read(object.path).pipe(
        Effect.asSome,
        Effect.catchIf(tagIs("NotFound"), () => Effect.succeed(Option.none<A>())),
        Effect.mapError(failure(key, operation))
      )
      if (Option.isSome(got)) return { got: got.value, recorded: object.recorded }
      if ((yield* objectOf(key, operation)) === undefined) return yield* missing(key)
      return yield* new BlobDamaged({ store: root, key, expected: object.recorded, found: "that of nothing: its object is gone" })
    })

  /**
   * Links a key to an object that is on disk already: the single commit step, in which only one of all racing writers succeeds.
   */
  const link = Effect.fnUntraced(function* (key: string, path: string, object: string) {
    yield* folders.make(dirname(path)).pipe(Effect.mapError(failure(key, "put")))
    const linked = yield* fs.symlink(relative(dirname(path), object), path).pipe(
      Effect.as(true),
      Effect.catchIf(tagIs("AlreadyExists"), () => Effect.succeed(false)),
      Effect.mapError(failure(key, "put"))
    )
    // A caller that finds the key relies on it as much as the one that made it.
    if (!linked && (yield* objectOf(key, "put")) === undefined) return false
    yield* folders.sync(dirname(path)).pipe(Effect.mapError(failure(key, "put")))
    return linked
  })

  const putIfAbsent = Effect.fn("BlobStore.putIfAbsent")(
    function* (key: string, content: Uint8Array) {
      const path = yield* pathOf(key)
      const object = join(folders.objects, `${sha256(content)}-${randomBytes(6).toString("hex")}`)
      const write = Effect.scoped(
        Effect.gen(function* () {
          const file = yield* fs.open(object, { flag: "wx" })
          yield* file.writeAll(content)
          yield* file.sync
        })
      )
      const written = Effect.andThen(folders.make(folders.objects), Effect.andThen(write, folders.sync(folders.objects)))
      const cheap = content.length <= small && folders.isDurable(dirname(path))
      if (!cheap && (yield* objectOf(key, "put")) !== undefined) {
        yield* folders.sync(dirname(path)).pipe(Effect.mapError(failure(key, "put")))
        return "already" as const
      }
      yield* Effect.mapError(written, failure(key, "put")).pipe(Effect.onError(() => Effect.ignore(fs.remove(object))))
      // From here on the object may be a key's: it is removed only where it is known not to be.
      const linked = yield* link(key, path, object)
      if (!linked) yield* Effect.ignore(fs.remove(object))
      return linked ? ("created" as const) : ("already" as const)
    },
    Effect.uninterruptible,
    withDisk
  )

  return {
    location: root,
    get: Effect.fn("BlobStore.get")(function* (key, expected) {
      const { got, recorded } = yield* reading(key, "get", (path) => fs.readFile(path))
      return yield* verified(root, key, got, recorded, expected)
    }),
    putIfAbsent,
    head: Effect.fn("BlobStore.head")(function* (key) {
      const { got, recorded } = yield* Effect.catchTag(
        reading(key, "head", (path) => fs.stat(path)),
        "BlobDamaged",
        () => Effect.fail(missing(key))
      )
      return { key, bytes: Number(got.size), modified: modifiedOf(got), sha256: recorded }
    }),
    list: Effect.fn("BlobStore.list")(function* (prefix, { after = "", limit = 1000 } = {}) {
      const keys = yield* Effect.mapError(keysAfter(fs, root, { prefix, after, limit: limit + 1 }), failure(prefix, "list"))
      const listed = yield* Effect.forEach(
        keys.slice(0, limit),
        (key) =>
          fs.stat(join(root, key)).pipe(
            Effect.map((info) => [{ key, bytes: Number(info.size), modified: modifiedOf(info) }]),
            Effect.catchIf(tagIs("NotFound"), () => Effect.succeed([])),
            Effect.mapError(failure(key, "list"))
          ),
        { concurrency: 16 }
      )
      return { blobs: listed.flat(), next: keys.length > limit ? keys[limit - 1] : undefined }
    }),
    delete: Effect.fn("BlobStore.delete")(
      function* (key) {
        const path = yield* pathOf(key)
        if ((yield* objectOf(key, "delete")) === undefined) return
        // Moved in one step, whatever other processes delete or put at this moment; only then is it known which object was the
        // key's.
        const away = join(folders.objects, `deleted-${randomBytes(6).toString("hex")}`)
        const gone = Effect.gen(function* () {
          yield* fs.rename(path, away)
          yield* folders.sync(dirname(path))
          const target = yield* fs.readLink(away)
          yield* fs.remove(join(folders.objects, basename(target)), { force: true })
          yield* fs.remove(away, { force: true })
        })
        yield* gone.pipe(
          Effect.catchIf(tagIs("NotFound"), () => Effect.void),
          Effect.mapError(failure(key, "delete"))
        )
      },
      Effect.uninterruptible,
      withDisk
    )
  }
}

const modifiedOf = (info: FileSystem.File.Info): number =>
  Option.match(info.mtime, { onNone: () => 0, onSome: (time) => time.getTime() })

/**
 * Blobs in a folder, created if it is missing, that any number of processes on one machine may use at once.
 * A content is a file in `.objects` with a unique name that includes its SHA-256; a key is a symbolic link to it, so any tool can
 * read it. The content and its folder are flushed before the link is made, and making a link is exclusive: a crash leaves a key
 * absent or whole, and at most an object without a key. Requires a file system with symbolic links.
 */
export const fileBlobStore = (folder: string): Layer.Layer<BlobStore, BlobError, FileSystem.FileSystem> =>
  Layer.effect(
    BlobStore,
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const root = resolve(folder)
      const refused = (error: PlatformError.PlatformError) =>
        new BlobRefused({ store: root, key: "", reason: storeError(root)(error).reason })
      const folders = durableFolders(root)
      yield* folders.make(folders.objects).pipe(Effect.mapError(refused))
      yield* Effect.ignore(folders.sync(dirname(root)))
      return BlobStore.of(operations(fs, root))
    })
  )
