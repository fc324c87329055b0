import { Effect, FileSystem, Path } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { SampleError } from "../../pipeline/errors.ts"
import { pathUnder } from "./image-folders.ts"

/** Maximum bytes of a file that is read: 64 MiB. */
export const largestFile = 64 * 2 ** 20

/** Returns the reader of a sample's files; a file that cannot be read is a `SampleError` of the sample. */
export const sampleFiles = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const unreadable = (id: string) => (cause: unknown) => new SampleError({ id, reason: `unreadable(${oneLine(cause)})` })
  /** Reads the content of a file. */
  const read = (id: string, file: string) =>
    Effect.gen(function* () {
      const { type, size } = yield* fs.stat(file)
      // A pipe or a device would be read for ever.
      if (type !== "File") return yield* new SampleError({ id, reason: `not-a-file(${type})` })
      if (Number(size) > largestFile) return yield* new SampleError({ id, reason: `too-large(${Number(size)} bytes)` })
      return yield* fs.readFile(file)
    }).pipe(Effect.catchTag("PlatformError", (error) => Effect.fail(unreadable(id)(error))))
  /** Reads the file of a name in the first folder that has it. */
  const find = Effect.fnUntraced(function* (id: string, folders: readonly string[], name: string) {
    const places = folders.flatMap((folder) => pathUnder(path, folder, name) ?? [])
    if (places.length === 0) return yield* new SampleError({ id, reason: "outside-the-folder(name the images' by ?images=)" })
    for (const place of places.slice(0, -1)) {
      const there = yield* Effect.orElseSucceed(Effect.as(fs.access(place), true), () => false)
      if (there) return yield* read(id, place)
    }
    return yield* read(id, places.at(-1)!)
  })
  return { read, find }
})
