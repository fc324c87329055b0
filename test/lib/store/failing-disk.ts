import { Effect, FileSystem, Layer, PlatformError } from "effect"

/** How a disk goes on after its fault: not at all, or as if there had been none. */
type Afterwards = "stopped" | "works"

/**
 * A disk that works until its `last` change, which is torn or not done, and does nothing more: a crash at that moment. With
 * `reason` every change from then on fails with it instead, as on a disk that is full; or only this one, where it `works` again
 * afterwards.
 */
export const crashingDisk = (last: number, reason = "the machine stopped", afterwards: Afterwards = "stopped") => {
  let changes = 0
  const crash = (method: string) =>
    PlatformError.systemError({ _tag: "Unknown", module: "FileSystem", method, description: reason, cause: new Error(reason) })
  const change = <A, E, R>(method: string, effect: Effect.Effect<A, E, R>, torn: Effect.Effect<unknown, E, R> = Effect.void) =>
    Effect.suspend((): Effect.Effect<A, E | PlatformError.PlatformError, R> => {
      changes++
      if (changes < last || (changes > last && afterwards === "works")) return effect
      return changes === last ? Effect.andThen(torn, Effect.fail(crash(method))) : Effect.fail(crash(method))
    })
  const layer = Layer.effect(
    FileSystem.FileSystem,
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const wrap = (file: FileSystem.File): FileSystem.File =>
        new Proxy(file, {
          get: (target, name) => {
            if (name === "sync") return change("sync", target.sync)
            if (name === "writeAll")
              return (bytes: Uint8Array) =>
                change("writeAll", target.writeAll(bytes), target.writeAll(bytes.subarray(0, bytes.length >> 1)))
            if (name === "truncate") return (length?: number) => change("truncate", target.truncate(length))
            const value: unknown = Reflect.get(target, name, target)
            return typeof value === "function" ? value.bind(target) : value
          }
        })
      return FileSystem.FileSystem.of({
        ...fs,
        open: (path, options) => {
          const opened = Effect.map(fs.open(path, options), wrap)
          return options?.flag === undefined || options.flag === "r" ? opened : change("open", opened)
        },
        writeFileString: (path, text, options) =>
          change(
            "writeFileString",
            fs.writeFileString(path, text, options),
            fs.writeFileString(path, text.slice(0, text.length >> 1), options)
          ),
        link: (from, to) => change("link", fs.link(from, to)),
        makeDirectory: (path, options) => change("makeDirectory", fs.makeDirectory(path, options)),
        rename: (from, to) => change("rename", fs.rename(from, to)),
        remove: (path, options) => change("remove", fs.remove(path, options))
      })
    })
  )
  return { layer, crashed: () => changes >= last }
}
