import { Effect, type FileSystem, type Path, Stream } from "effect"
import type { DataError } from "../data-error.ts"
import type { Source } from "../source.ts"
import type { OpenCache } from "./prepared-cache.ts"
import type { Corpus, HostContext } from "./ready-stage.ts"

/** Opens the source of some name, as `--data` names it. */
export type OpenSource = (name: string) => Effect.Effect<Source, DataError, FileSystem.FileSystem | Path.Path>

/** Samples whose captions are read at once. */
const atOnce = 1024

/** All captions of a source in their order, some at a time, however many there are; a sample that cannot be read adds none. */
export const corpusOf = (source: Source): Corpus => {
  const none = () => Effect.succeed<readonly string[]>([])
  const some = (chunk: number) => {
    const from = chunk * atOnce
    const indices = Array.from({ length: Math.min(atOnce, source.count - from) }, (_, i) => from + i)
    return Effect.map(
      Effect.forEach(indices, (index) => Effect.catch(source.captions(index), none), { concurrency: 8 }),
      (captions) => captions.flat()
    )
  }
  return Stream.range(0, Math.ceil(source.count / atOnce) - 1).pipe(Stream.mapEffect(some))
}

/** What a pipeline's stages may ask for, its training data being the source `train`. */
export const hostContextOf = (train: string, openSource: OpenSource, openCache: OpenCache): HostContext => ({
  openCache,
  corpus: (name) => Effect.map(openSource(name ?? train), corpusOf)
})
