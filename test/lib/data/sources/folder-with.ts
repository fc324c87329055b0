import { dirname, join } from "node:path"
import { Effect, FileSystem } from "effect"

/** Writes some files into a folder, by their paths in it. */
export const putFiles = Effect.fnUntraced(function* (folder: string, contents: { readonly [name: string]: string | Uint8Array }) {
  const files = yield* FileSystem.FileSystem
  for (const [name, content] of Object.entries(contents)) {
    yield* files.makeDirectory(dirname(join(folder, name)), { recursive: true })
    yield* files.writeFile(join(folder, name), Buffer.from(content))
  }
  return folder
})

/** A new folder with some files, gone after the test. */
export const folderWith = Effect.fnUntraced(function* (contents: { readonly [name: string]: string | Uint8Array }) {
  const files = yield* FileSystem.FileSystem
  return yield* putFiles(yield* files.makeTempDirectoryScoped(), contents)
})
