import { createHash } from "node:crypto"
import { dirname, join } from "node:path"
import { Effect, FileSystem, Schema, Stream } from "effect"
import { DataError } from "../../lib/data/data-error.ts"
import type { HostContext } from "../../lib/data/host/ready-stage.ts"
import { oneLine } from "../../lib/error/one-line.ts"
import { type Bound, checkSettings, count, type Known, setting } from "../../lib/pipeline/settings.ts"
import { digest, sha256 } from "../../lib/store/digest.ts"
import { type BertRules, bertVocabulary } from "./bert-vocabulary.ts"
import { makeTokenizer, type TextTokenizer } from "./tokenizer.ts"
import { countWords, trainVocabulary, vocabularyDefaults } from "./train-vocabulary.ts"

const Trained = Schema.TaggedStruct("trained", {
  from: setting(Schema.NullOr(Schema.String), null),
  size: setting(count, vocabularyDefaults.size),
  alphabet: setting(Schema.String, vocabularyDefaults.alphabet)
})
const File = Schema.TaggedStruct("file", { path: Schema.NonEmptyString, size: count, sha256: setting(Schema.String, "") })

/**
 * Source of a vocabulary: trained on all captions of a source (`null`: the pipeline's own training data), or a Hugging Face
 * `tokenizer.json` or a BERT's `vocab.txt`, whose content may be pinned by its SHA-256. `size` is the number of ids in the
 * model's embedding; a vocabulary may have fewer.
 */
export const Vocabulary = Schema.Union([Trained, File])
export type Vocabulary = typeof Vocabulary.Type

/** A WordPiece vocabulary trained on captions: the training data's, unless `from` names another source. */
export const trained = <const S extends Bound<Omit<typeof Trained.Encoded, "_tag">>>(
  options: Known<"trained", Omit<typeof Trained.Encoded, "_tag">, S> = {} as never
): Vocabulary => checkSettings("trained", Trained, { _tag: "trained", ...(options as object) })

/** The vocabulary of a `tokenizer.json`, or of a BERT's `vocab.txt`. */
export const vocabularyFile = (path: string, options: { readonly size: number; readonly sha256?: string }): Vocabulary =>
  checkSettings("file", File, { _tag: "file", path, ...options })

/** An opened vocabulary: the bytes of its `tokenizer.json`, their SHA-256, and the tokenizer. */
export interface OpenVocabulary {
  readonly tokenizer: TextTokenizer
  readonly bytes: Uint8Array
  readonly digest: string
}

/** Version of training, raised whenever `trainVocabulary` returns another result for the same texts. */
const trainingVersion = 2

const learned = Effect.fnUntraced(function* (vocabulary: typeof Trained.Type, hostContext: HostContext) {
  const { from, size, alphabet } = vocabulary
  const cache = yield* hostContext.openCache("vocabularies")
  const corpus = yield* hostContext.corpus(from)
  const forEach = (each: (text: string) => void) =>
    Stream.runForEach(corpus, (texts) => Effect.sync(() => void texts.forEach(each)))
  const texts = createHash("sha256")
  yield* forEach((text) => texts.update(`${JSON.stringify(text)}\n`))
  const key = digest({ trainingVersion, texts: texts.digest("hex"), size, alphabet })
  const found = yield* cache.get(key)
  if (found !== undefined) return found
  const words = countWords()
  yield* forEach(words.add)
  const made = yield* Effect.try({
    try: () => new TextEncoder().encode(JSON.stringify(trainVocabulary(words.done(), { size, alphabet }))),
    catch: (cause) => new DataError({ file: "vocabulary", problem: oneLine(cause) })
  })
  yield* cache.set(key, made)
  return made
})

const Rules = Schema.fromJsonString(
  Schema.Struct({
    do_lower_case: Schema.optionalKey(Schema.Boolean),
    strip_accents: Schema.optionalKey(Schema.NullOr(Schema.Boolean)),
    tokenize_chinese_chars: Schema.optionalKey(Schema.Boolean)
  })
)

/** Reads the rules beside a `vocab.txt`, where there are any. */
const rulesBeside = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const config = join(dirname(path), "tokenizer_config.json")
  const text = yield* Effect.option(files.readFileString(config))
  if (text._tag === "None") return {} satisfies BertRules
  return yield* Schema.decodeUnknownEffect(Rules)(text.value).pipe(
    Effect.mapError((cause) => new DataError({ file: config, problem: oneLine(cause) }))
  )
})

/** True for the beginning of a `tokenizer.json`, which is JSON; anything else is read as a `vocab.txt`. */
const isJson = (bytes: Uint8Array): boolean => /^\s*[{[]\s*("|[\]}]|$)/.test(new TextDecoder().decode(bytes.subarray(0, 256)))

const fromFile = Effect.fnUntraced(function* (path: string, expected: string) {
  const files = yield* FileSystem.FileSystem
  const found = yield* files
    .readFile(path)
    .pipe(Effect.mapError((cause) => new DataError({ file: path, problem: `no such vocabulary: ${oneLine(cause)}` })))
  const rules = isJson(found) ? undefined : yield* rulesBeside(path)
  const bytes = yield* Effect.try({
    try: () => (rules ? new TextEncoder().encode(JSON.stringify(bertVocabulary(new TextDecoder().decode(found), rules))) : found),
    catch: (cause) => new DataError({ file: path, problem: `no tokenizer: ${oneLine(cause)}` })
  })
  const digests = [sha256(bytes), sha256(found)]
  if (expected !== "" && !digests.includes(expected))
    return yield* new DataError({ file: path, problem: `its SHA-256 is ${digests[0]}, but ${expected} is expected` })
  return bytes
})

const atWork = (file: string, bytes: Uint8Array): Effect.Effect<OpenVocabulary, DataError> =>
  Effect.try({
    try: () => ({
      tokenizer: makeTokenizer(JSON.parse(new TextDecoder().decode(bytes))),
      bytes,
      digest: sha256(bytes)
    }),
    catch: (cause) => new DataError({ file, problem: `no tokenizer: ${oneLine(cause)}` })
  })

/** Reads a vocabulary of any size from a file, whose content may be pinned. */
export const readVocabulary = Effect.fn("tokenize.readVocabulary")(function* (path: string, expected = "") {
  return yield* atWork(path, yield* fromFile(path, expected))
})

/**
 * Reads a vocabulary, or trains it once into the cache: a function of the source's captions and the settings, whose digest is
 * part of the cache key of everything tokenized with it.
 */
export const openVocabulary = Effect.fn("tokenize.openVocabulary")(function* (vocabulary: Vocabulary, hostContext: HostContext) {
  const file = vocabulary._tag === "file" ? vocabulary.path : "vocabulary"
  const opened = yield* vocabulary._tag === "file"
    ? readVocabulary(vocabulary.path, vocabulary.sha256)
    : Effect.flatMap(learned(vocabulary, hostContext), (bytes) => atWork(file, bytes))
  const { size } = opened.tokenizer
  if (size > vocabulary.size)
    return yield* new DataError({ file, problem: `it has ${size} ids, but the pipeline says ${vocabulary.size}` })
  return opened
})
