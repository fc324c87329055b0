import { close, open, read } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { join, relative, sep } from "node:path"
import { Effect } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { ByteError, endsEarly } from "./byte-error.ts"
import type { ByteReader, Listed } from "./byte-reader.ts"

/** Maximum number of files kept open. */
const heldOpen = 64

/** Errors of a busy machine, after which a retry may succeed. */
const passing = new Set(["EMFILE", "ENFILE", "EAGAIN", "EBUSY", "EINTR", "EIO", "ENOMEM", "ETIMEDOUT", "ESTALE"])

const failure = (location: string) => (cause: unknown) => {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? ""
  const problem = code === "ENOENT" ? "no such file" : oneLine(cause)
  return new ByteError({ location, problem, transient: passing.has(code) })
}

const closeAll = (open: Map<string, number>) => {
  for (const descriptor of open.values()) close(descriptor, () => undefined)
}

/** Closes the files of readers that have been garbage-collected. */
const forgotten = new FinalizationRegistry<Map<string, number>>(closeAll)

const openFile = (location: string) =>
  Effect.callback<number, ByteError>((resume) => {
    open(location, "r", (error, descriptor) => resume(error ? Effect.fail(failure(location)(error)) : Effect.succeed(descriptor)))
  })

const readAt = (location: string, descriptor: number, from: number, length: number) =>
  Effect.callback<Uint8Array, ByteError>((resume) => {
    const bytes = new Uint8Array(length)
    const more = (done: number) =>
      read(descriptor, bytes, done, length - done, from + done, (error, count) => {
        if (error) resume(Effect.fail(failure(location)(error)))
        else if (done + count === length) resume(Effect.succeed(bytes))
        else if (count === 0) resume(Effect.fail(endsEarly(location, from, length, done)))
        else more(done + count)
      })
    more(0)
  })

/** Reads files of this machine; up to 64 are kept open, those used last. */
export const localBytes = (): ByteReader => {
  const held = new Map<string, number>()
  const using = new Map<number, number>()
  const retired = new Set<number>()
  const release = (descriptor: number) => {
    const users = using.get(descriptor)! - 1
    if (users > 0) return using.set(descriptor, users)
    using.delete(descriptor)
    if (retired.delete(descriptor)) close(descriptor, () => undefined)
  }
  const hold = (location: string, descriptor: number) => {
    held.delete(location)
    held.set(location, descriptor)
    using.set(descriptor, (using.get(descriptor) ?? 0) + 1)
    for (const [oldest, old] of held) {
      if (held.size <= heldOpen) break
      held.delete(oldest)
      if (using.has(old)) retired.add(old)
      else close(old, () => undefined)
    }
    return descriptor
  }
  const acquire = Effect.fnUntraced(function* (location: string) {
    const known = held.get(location)
    if (known !== undefined) return hold(location, known)
    const opened = yield* openFile(location)
    // Two may have opened it at once: the first one's is kept.
    const first = held.get(location)
    if (first === undefined) return hold(location, opened)
    close(opened, () => undefined)
    return hold(location, first)
  })
  const reader: ByteReader = {
    size: (location) =>
      Effect.map(Effect.tryPromise({ try: () => stat(location), catch: failure(location) }), ({ size }) => size),
    read: (location, from, length) =>
      Effect.acquireUseRelease(
        acquire(location),
        // A read cannot be stopped, and its file must not be closed under it.
        (descriptor) => Effect.uninterruptible(readAt(location, descriptor, from, length)),
        (descriptor) => Effect.sync(() => release(descriptor))
      ),
    list: Effect.fn("data.listFolder")(function* (folder: string) {
      const entries = yield* Effect.tryPromise({
        try: () => readdir(folder, { recursive: true, withFileTypes: true }),
        catch: failure(folder)
      })
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
      const listed = yield* Effect.forEach(
        paths,
        (path) =>
          Effect.map(
            Effect.tryPromise({ try: () => stat(path), catch: failure(path) }),
            ({ size }): Listed => ({ name: relative(folder, path).split(sep).join("/"), size })
          ),
        { concurrency: 16 }
      )
      return listed.sort((a, b) => (a.name < b.name ? -1 : 1))
    })
  }
  forgotten.register(reader, held)
  return reader
}
