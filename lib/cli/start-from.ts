import { join, resolve } from "node:path"
import { Effect, FileSystem, Option } from "effect"
import { Flag } from "effect/cli"
import { broughtVocabulary } from "../data/host/brought-vocabulary.ts"
import { UsageError } from "../error/usage-error.ts"
import { WeightsError } from "../error/weights-error.ts"
import { parameterLayout, type Slot } from "../model/layout.ts"
import { loadPipeline, type Tables } from "../pipeline/load.ts"
import type { Pipeline } from "../pipeline/pipeline.ts"
import type { OpenedVocabularies } from "../pipeline/vocabulary.ts"
import { checkpointFolder } from "../run-folder/checkpoint.ts"
import { sha256File } from "../store/digest.ts"
import type { Shapes } from "../store/safetensors/name-faults.ts"
import { storeError } from "../store/store-error.ts"
import { type Allowance, allowances, fitModel } from "../weights/fit-model.ts"
import type { Weights } from "../weights/hugging-face.ts"
import { vocabularyFault } from "../weights/vocabulary-fault.ts"
import { type FoundModel, modelOf } from "./model-of.ts"
import type { CliTables } from "./tables.ts"

/** Flags of commands that train from a model of this project. */
export const fromFlags = {
  from: Flag.String("from").pipe(
    Flag.withMetavar("RUN|DIR"),
    Flag.withDescription(
      "The run (its newest checkpoint, or RUN/checkpoints/step-N) or exported model that training starts from"
    ),
    Flag.optional
  ),
  allow: Flag.String("allow").pipe(
    Flag.withMetavar("KINDS"),
    Flag.withDescription(`What may not fit with --from, e.g. missing,unexpected: of ${allowances.join(", ")}`),
    Flag.withDefault("")
  )
}

/** Values of those flags. */
export interface FromFlags {
  readonly from: Option.Option<string>
  readonly allow: string
  readonly imageWeights?: Option.Option<string>
  readonly textWeights?: Option.Option<string>
}

/** A model that training starts from. */
export interface StartModel extends FoundModel {
  readonly folder: string
  /** SHA-256 of the file of its weights. */
  readonly sha256: string
  readonly allow: ReadonlySet<Allowance>
}

const allowedOf = Effect.fnUntraced(function* ({ from, allow }: FromFlags) {
  const kinds = allow.split(",").filter((kind) => kind !== "")
  const known = (kind: string): kind is Allowance => (allowances as readonly string[]).includes(kind)
  const unknown = kinds.find((kind) => !known(kind))
  if (unknown !== undefined)
    return yield* new UsageError({
      problem: `--allow ${unknown}: expected some of ${allowances.join(",")}, with commas between them`
    })
  if (kinds.length > 0 && Option.isNone(from))
    return yield* new UsageError({ problem: `--allow ${allow}: says what may not fit with --from, which is not given` })
  return new Set(kinds.filter(known))
})

/** Returns the folder of the weights that a resumed run recorded (`recorded`), or that the flags name. */
export const startFolder = Effect.fnUntraced(function* (flags: FromFlags, recorded: string | undefined) {
  const { from, imageWeights = Option.none(), textWeights = Option.none() } = flags
  yield* allowedOf(flags)
  if (Option.isSome(from) && (Option.isSome(imageWeights) || Option.isSome(textWeights)))
    return yield* new UsageError({ problem: "--from starts from a whole model: give it, or --image-weights and --text-weights" })
  const given = Option.match(from, { onNone: () => undefined, onSome: (path) => resolve(path) })
  if (given !== undefined && recorded !== undefined && given !== recorded)
    return yield* new UsageError({ problem: `--from ${given}: the run started from ${recorded}` })
  return given ?? recorded
})

/** Returns the run's folder, and the step where the folder is one of its checkpoints. */
const placeOf = (folder: string): readonly [run: string, step: Option.Option<number>] => {
  const [, run, step] = /^(.+)\/checkpoints\/step-(\d+)$/.exec(folder) ?? []
  return run === undefined ? [folder, Option.none()] : [run, Option.some(Number(step))]
}

/** Reads the model that training starts from. Errors: `UsageError`, and those of reading it. */
export const startModel = Effect.fn("cli.startModel")(function* (folder: string, flags: FromFlags, tables: CliTables) {
  const allow = yield* allowedOf(flags)
  const fs = yield* FileSystem.FileSystem
  const [run, step] = placeOf(folder)
  const model = yield* modelOf(run, "student", step, tables)
  const exported = yield* fs.exists(join(run, "config.json")).pipe(Effect.mapError(storeError(run)))
  const place = exported || model.step === null ? run : checkpointFolder(run, model.step)
  const { sha256 } = yield* sha256File(join(place, "model.safetensors"))
  return { ...model, folder, sha256, allow } satisfies StartModel
})

/** Returns the entries about it in the run's record. */
export const startRecord = ({ folder, sha256, step }: StartModel): { readonly [kind: string]: string } => ({
  from: folder,
  "from.sha256": sha256,
  ...(step === null ? {} : { "from.step": `${step}` })
})

/** Returns the pipeline with the vocabulary stored beside a model's weights, where its own would be trained on captions. */
export const withModelVocabulary = Effect.fn("cli.withModelVocabulary")(function* (
  folder: string,
  pipeline: Pipeline,
  tables: Tables
) {
  const brought = yield* broughtVocabulary(pipeline, placeOf(folder)[0])
  if (!brought?.pipeline) return pipeline
  yield* Effect.logInfo(`${brought.vocabulary.file}: texts are tokenized by it, with ${brought.vocabulary.size} ids`)
  return loadPipeline(JSON.parse(JSON.stringify(brought.pipeline)), tables)
})

const weightsOf = (slots: readonly Slot[], buffer: Float32Array): Weights =>
  new Map(slots.map(({ name, shape, offset, size }) => [name, { shape, data: buffer.subarray(offset, offset + size) }]))

/** Initial parameters by name: the student's, and the teacher's where the model has one. */
export interface StartParameters {
  readonly student: ReadonlyMap<string, Float32Array>
  readonly teacher?: ReadonlyMap<string, Float32Array>
}

/**
 * Returns the parameters of a pipeline that are initialised from a model's. Errors: a `WeightsError` that lists names that do not
 * fit and are not allowed, or reports a different vocabulary (`known` are the pipeline's).
 */
export const startParameters = Effect.fn("cli.startParameters")(function* (
  { folder, layout: own, student, teacher, allow, step, sha256 }: StartModel,
  pipeline: Pipeline,
  known: OpenedVocabularies
) {
  const fitted = <A>(make: () => A) =>
    Effect.try({
      try: make,
      catch: (cause) => (cause instanceof WeightsError ? cause : new WeightsError({ file: folder, reason: String(cause) }))
    })
  const brought = yield* broughtVocabulary(pipeline, placeOf(folder)[0])
  const ours = brought && known[brought.field]
  const otherWords = ours && vocabularyFault(ours, { brought: brought.vocabulary, rows: undefined })
  if (otherWords !== undefined) return yield* new WeightsError({ file: folder, reason: otherWords })
  const { slots } = yield* fitted(() => parameterLayout(pipeline))
  const shapes = (of: readonly Slot[]): Shapes => Object.fromEntries(of.map(({ name, shape }) => [name, shape]))
  const { parameters, resized, faults } = yield* fitted(() =>
    fitModel(folder, weightsOf(own.slots, student), shapes(slots), allow)
  )
  const said = [
    `${parameters.size} of ${slots.length} parameters start from it${step === null ? "" : `, as of step ${step}`} (SHA-256 ${sha256.slice(0, 12)}…)`,
    ...(resized.length > 0 ? [`made to fit: ${resized.join(", ")}`] : []),
    ...(faults === undefined ? [] : [`allowed: ${faults}`])
  ]
  yield* (faults === undefined ? Effect.logInfo : Effect.logWarning)(`${folder}: ${said.join("; ")}`)
  if (!teacher) return { student: parameters } satisfies StartParameters as StartParameters
  const ofTeacher = own.slots.filter(({ hasTeacher }) => hasTeacher)
  // Mismatches were reported for the student already.
  const all = yield* fitted(() => fitModel(folder, weightsOf(ofTeacher, teacher), shapes(slots), new Set(allowances)))
  return { student: parameters, teacher: all.parameters } satisfies StartParameters as StartParameters
})
