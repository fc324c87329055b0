import { Effect, type FileSystem, type Path, Stream } from "effect"
import { pairValues } from "../../pipeline/samples.ts"
import type { Fields } from "../../tensor/field.ts"
import type { DataError } from "../data-error.ts"
import type { Source } from "../source.ts"
import type { OpenCache } from "./prepared-cache.ts"
import type { Corpus, HostContext } from "./ready-stage.ts"

/**
 * Opens the source of some name, as `--data` names it: its samples have the fields that are given, or are pairs where none are (which
 * is what the type says). A source without one of them is a `DataError`. `openFor` has the type of the fields.
 */
export type OpenSource = (name: string, fields?: Fields) => Effect.Effect<Source, DataError, FileSystem.FileSystem | Path.Path>

/** Opens the source of some name for samples with some fields. */
export const openFor = <F extends Fields>(openSource: OpenSource, name: string, fields: F) =>
  openSource(name, fields) as unknown as Effect.Effect<Source<F>, DataError, FileSystem.FileSystem | Path.Path>

/** Samples whose texts are read at once. */
const atOnce = 1024

/** All texts in a field of a source in their order, some at a time, however many; a sample that cannot be read adds none. */
export const corpusOf = (source: Source<Fields>, field = "captions"): Corpus => {
  const none = () => Effect.succeed<readonly string[]>([])
  const some = (chunk: number) => {
    const from = chunk * atOnce
    const indices = Array.from({ length: Math.min(atOnce, source.count - from) }, (_, i) => from + i)
    return Effect.map(
      Effect.forEach(indices, (index) => Effect.catch(source.texts(index, field), none), { concurrency: 8 }),
      (texts) => texts.flat()
    )
  }
  return Stream.range(0, Math.ceil(source.count / atOnce) - 1).pipe(Stream.mapEffect(some))
}

/** What a pipeline's stages may ask for, its training data being the source `train` of samples with some fields. */
export const hostContextOf = (
  train: string,
  openSource: OpenSource,
  openCache: OpenCache,
  fields: Fields = pairValues
): HostContext => ({
  openCache,
  // Another source need not have all the fields of the pipeline's own.
  corpus: (name, field = "captions") =>
    Effect.map(
      openFor(openSource, name ?? train, name === null ? fields : { [field]: fields[field] ?? pairValues.captions }),
      (source) => corpusOf(source, field)
    )
})
