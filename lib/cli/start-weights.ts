import { resolve } from "node:path"
import { Effect, Option } from "effect"
import { broughtVocabulary } from "../data/host/brought-vocabulary.ts"
import { WeightsError } from "../error/weights-error.ts"
import { configFault, configNote, startedParts } from "../export/config-fault.ts"
import { parameterLayout } from "../model/layout.ts"
import { loadPipeline, type Tables } from "../pipeline/load.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { OpenedVocabularies } from "../pipeline/vocabulary.ts"
import type { Shapes } from "../store/safetensors/name-faults.ts"
import { type EncoderPlace, encoderPlace } from "../weights/encoder-place.ts"
import type { Weights } from "../weights/hugging-face.ts"
import { fitEncoder, type Imported } from "../weights/import-encoder.ts"
import { readWeights } from "../weights/read-weights.ts"
import { vocabularyFault } from "../weights/vocabulary-fault.ts"

/** Flags that name pre-trained encoder weights to start from. */
export interface StartFlags {
  readonly imageWeights: Option.Option<string>
  readonly textWeights: Option.Option<string>
  readonly allowFaults: boolean
}

/** Returns the paths of the given weights by kind, as a run records them. */
export const weightsRecord = ({ imageWeights, textWeights }: StartFlags): { readonly [kind: string]: string } =>
  Object.fromEntries(
    [["image", imageWeights] as const, ["text", textWeights] as const].flatMap(([kind, path]) =>
      Option.isSome(path) ? [[kind, resolve(path.value)]] : []
    )
  )

/**
 * Returns the pipeline for given text weights: with the vocabulary of their folder where its own would be trained on captions. A
 * resumed run keeps the vocabulary that it was started with (`recorded`) unless another one is given. Errors: `DataError` for a
 * vocabulary that cannot be used, `WeightsError` for a folder that has none.
 */
export const withTextVocabulary = Effect.fn("cli.withTextVocabulary")(function* (
  { textWeights, allowFaults }: StartFlags,
  recorded: string | undefined,
  pipeline: Pipeline,
  tables: Tables
) {
  const path = Option.match(textWeights, { onNone: () => recorded, onSome: (given) => resolve(given) })
  if (path === undefined) return pipeline
  const { whole, folder } = yield* encoderPlace(path, "bert")
  if (!whole) return pipeline
  const brought = yield* broughtVocabulary(pipeline, folder)
  if (!brought && !allowFaults)
    return yield* new WeightsError({
      file: folder,
      reason: "has neither tokenizer.json nor vocab.txt, so its words are not known"
    })
  if (!brought?.pipeline) return pipeline
  yield* Effect.logInfo(`${brought.vocabulary.file}: texts are tokenized by it, with ${brought.vocabulary.size} ids`)
  return loadPipeline(JSON.parse(JSON.stringify(brought.pipeline)), tables)
})

const layersIn = (names: Iterable<string>): number =>
  Math.max(
    0,
    ...[...names].flatMap((name) => /^(?:bert\.)?encoder\.layer\.(\d+)\./.exec(name)?.[1] ?? []).map((n) => Number(n) + 1)
  )

const describe = ({ parameters, dropped, resized, absent, faults }: Imported, note: string | undefined): string =>
  [
    `${parameters.size} parameters start from it`,
    ...(absent.length > 0 ? [`it has no ${absent.join(", ")}: at random`] : []),
    ...(resized.length > 0 ? [`made to fit: ${resized.join(", ")}`] : []),
    ...(dropped.length > 0 ? [`not used: ${dropped.join(", ")}`] : []),
    ...(note === undefined ? [] : [note]),
    ...(faults === undefined ? [] : [`does not fit: ${faults}`])
  ].join("; ")

/** Fails with a mismatch, or only warns of it where mismatches are allowed. */
const insistOn = (file: string, fault: string | undefined, allowFaults: boolean) => {
  if (fault === undefined) return Effect.void
  return allowFaults ? Effect.logWarning(`${file}: ${fault}`) : Effect.fail(new WeightsError({ file, reason: fault }))
}

const rowsOf = (tensors: Weights): number | undefined =>
  (tensors.get("embeddings.word_embeddings.weight") ?? tensors.get("bert.embeddings.word_embeddings.weight"))?.shape[0]

const checkVocabulary = Effect.fnUntraced(function* (
  { file, folder }: EncoderPlace,
  tensors: Weights,
  pipeline: Pipeline,
  known: OpenedVocabularies,
  allowFaults: boolean
) {
  const brought = yield* broughtVocabulary(pipeline, folder)
  const ours = brought ? known[brought.field] : Object.values(known)[0]
  if (!ours) return
  yield* insistOn(file, vocabularyFault(ours, { brought: brought?.vocabulary, rows: rowsOf(tensors) }), allowFaults)
})

const read = Effect.fnUntraced(function* (
  kind: "vit" | "bert",
  path: string,
  pipeline: Pipeline,
  known: OpenedVocabularies,
  allowFaults: boolean
) {
  const place = yield* encoderPlace(path, kind)
  const { file, config } = place
  const model: Shapes = Object.fromEntries(parameterLayout(pipeline).slots.map(({ name, shape }) => [name, shape]))
  const tensors = yield* readWeights(file)
  if (kind === "bert") yield* checkVocabulary(place, tensors, pipeline, known, allowFaults)
  const own = layersIn(Object.keys(model).filter((name) => name.startsWith("bert.")))
  // As in ALBEF, the layers that do not fit into the text encoder initialise the text stream of the fusion.
  const fusionFrom = kind === "bert" && layersIn(tensors.keys()) > own ? { fusionFrom: own } : {}
  const parts = startedParts(pipeline, kind, "fusionFrom" in fusionFrom)
  yield* insistOn(file, config && configFault(kind, config, parts), allowFaults)
  const found = yield* Effect.try({
    try: () => fitEncoder(kind, file, tensors, model, { allowFaults, ...fusionFrom }),
    catch: (cause) => (cause instanceof WeightsError ? cause : new WeightsError({ file, reason: String(cause) }))
  })
  const log = found.faults === undefined ? Effect.logInfo : Effect.logWarning
  yield* log(`${file}: ${describe(found, config && configNote(kind, config))}`)
  return found.parameters
})

/**
 * Reads initial parameters of a run by name: a ViT's and a BERT's of Hugging Face, each a safetensors file or a folder with its
 * config.json and, for a BERT, its vocabulary; the other parameters are initialised at random. Mismatches (of names, shapes,
 * heads, or the vocabularies `known`) are a `WeightsError`, or with `allowFaults` a warning.
 */
export const startWeights = Effect.fn("cli.startWeights")(function* (
  flags: StartFlags,
  pipeline: Pipeline,
  known: OpenedVocabularies
) {
  const all = new Map<string, Float32Array>()
  for (const [kind, path] of [
    ["vit", flags.imageWeights],
    ["bert", flags.textWeights]
  ] as const)
    if (Option.isSome(path))
      for (const [name, numbers] of yield* read(kind, path.value, pipeline, known, flags.allowFaults)) all.set(name, numbers)
  return all
})
