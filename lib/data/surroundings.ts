import { Effect, type FileSystem, type Path } from "effect"
import type { Surroundings } from "../pipeline/opened.ts"
import type { OpenCache } from "../pipeline/prepared-cache.ts"
import type { DataError } from "./data-error.ts"
import type { Source } from "./source.ts"

/** Opens the source of some name, as `--data` names it. */
export type OpenSource = (name: string) => Effect.Effect<Source, DataError, FileSystem.FileSystem | Path.Path>

/** All captions of a source; a sample that cannot be read adds none. */
export const corpusOf = Effect.fn("data.corpusOf")(function* (source: Source) {
  const indices = Array.from({ length: source.count }, (_, index) => index)
  const none = () => Effect.succeed<readonly string[]>([])
  const captions = yield* Effect.forEach(indices, (index) => Effect.catch(source.captions(index), none), { concurrency: 8 })
  return captions.flat()
})

/** What a pipeline's stages may ask for, its training data being the source `train`. */
export const surroundingsOf = (train: string, openSource: OpenSource, openCache: OpenCache): Surroundings => ({
  openCache,
  corpus: (name) => Effect.flatMap(openSource(name ?? train), corpusOf)
})
