import { Effect, type FileSystem, type Path, Stream } from "effect"
import { pairValues, type SourceData } from "../../pipeline/samples.ts"
import type { Fields } from "../../tensor/field.ts"
import type { DataError } from "../data-error.ts"
import { textFields } from "../sample-value.ts"
import { fieldsOf, type Source } from "../source.ts"
import type { OpenCache } from "./prepared-cache.ts"
import type { Corpus, HostContext } from "./ready-stage.ts"

/**
 * Opens the source of a name, as `--data` names it. Its samples have the given fields, or are pairs where no fields are given
 * (the type is that of pairs). A source without one of the fields is a `DataError`. `openFor` has the type of the fields.
 */
export type OpenSource = (name: string, fields?: Fields) => Effect.Effect<Source, DataError, FileSystem.FileSystem | Path.Path>

/** Opens the source of a name for samples with some fields. */
export const openFor = <F extends Fields>(openSource: OpenSource, name: string, fields: F) =>
  openSource(name, fields) as unknown as Effect.Effect<Source<F>, DataError, FileSystem.FileSystem | Path.Path>

/** Number of samples whose texts are read at a time. */
const atOnce = 1024

/**
 * Returns all texts in a field of a source, or in those with texts to read where none is named, in their order, as a stream of
 * any length; a sample that cannot be read adds none.
 */
export const corpusOf = (source: Source<Fields>, field?: string): Corpus => {
  const names = field === undefined ? textFields(fieldsOf(source)) : [field]
  const [only, ...others] = names
  const textsOf = (index: number) =>
    others.length === 0
      ? source.texts(index, only ?? "captions")
      : Effect.map(
          Effect.forEach(names, (name) => source.texts(index, name)),
          (texts) => texts.flat()
        )
  const none = () => Effect.succeed<readonly string[]>([])
  const some = (chunk: number) => {
    const from = chunk * atOnce
    const indices = Array.from({ length: Math.min(atOnce, source.count - from) }, (_, i) => from + i)
    return Effect.map(
      Effect.forEach(indices, (index) => Effect.catch(textsOf(index), none), { concurrency: 8 }),
      (texts) => texts.flat()
    )
  }
  return Stream.range(0, Math.ceil(source.count / atOnce) - 1).pipe(Stream.mapEffect(some))
}

/** Returns the context of a pipeline's stages; the training data is that of `source`, or the pairs of the source of that name. */
export const hostContextOf = (source: SourceData<Fields> | string, openSource: OpenSource, openCache: OpenCache): HostContext => {
  const { train, fields = pairValues }: SourceData<Fields> =
    typeof source === "string" ? { train: source, heldOut: null } : source
  return {
    openCache,
    // Another source need not have all fields of the pipeline's own.
    corpus: (name, field) => {
      const own = field === undefined ? pairValues : { [field]: fields[field] ?? pairValues.captions }
      const wanted: Fields = name === null ? fields : own
      return Effect.map(openFor(openSource, name ?? train, wanted), (opened) => corpusOf(opened, field))
    }
  }
}
