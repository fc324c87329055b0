import { Effect, type FileSystem, type Path, type Scope, type Stream } from "effect"
import type { Pipeline } from "../../pipeline/pipeline.ts"
import { pairValues, sampleFields, valuesOf } from "../../pipeline/samples.ts"
import type { HostStage, Json, Stage } from "../../pipeline/stage.ts"
import type { OpenedVocabularies } from "../../pipeline/vocabulary.ts"
import { digest } from "../../store/digest.ts"
import type { StoreError } from "../../store/store-error.ts"
import type { Fields } from "../../tensor/field.ts"
import type { DataError } from "../data-error.ts"
import type { OpenCache, PreparedCache } from "./prepared-cache.ts"

/** What is needed to open something: files, and a scope that closes them. */
export type Files = FileSystem.FileSystem | Path.Path | Scope.Scope

/** The texts in a field of a source, some at a time; may be read again. */
export type Corpus = Stream.Stream<readonly string[]>

/** What stages may ask for before a run. */
export interface HostContext {
  readonly openCache: OpenCache
  /** All texts in a field (unless given, `captions`, or all texts where that is none) of the source of some name; of the pipeline's training data for `null`. */
  readonly corpus: (source: string | null, field?: string) => Effect.Effect<Corpus, DataError, Files>
}

/** A host stage's function with what it needs from outside at hand, and the digest of that. */
export interface Instantiated<S extends HostStage = HostStage> {
  readonly asset: string
  readonly prepare: S["prepare"]
  /** The vocabularies of its fields of tokens. */
  readonly vocabularies?: OpenedVocabularies
  /** The files that it needs elsewhere, by the names they have in a model's folder (`PortableHooks.settingsIn`). */
  readonly files?: ReadonlyMap<string, Uint8Array>
}

/** Opens what a host stage needs from outside. */
export type Open<S extends HostStage = HostStage> = (
  hostContext: HostContext
) => Effect.Effect<Instantiated<S>, DataError | StoreError, Files>

/** What a host stage may have besides what every one has. */
export interface HostHooks<S extends HostStage = HostStage> {
  /**
   * Opens something from outside that the stage cannot work without (a vocabulary): read or built once a process, before the first
   * sample. Its digest becomes part of every cache key.
   */
  readonly open?: Open<S>
  /** The settings that the prepared half is a function of, where those are not all: others may change without preparing anew. */
  readonly preparedBy?: Json
  /** What a shard keeps of the prepared half beside the image and the captions, where it keeps anything. */
  inShard?(prepared: PreparedOf<S>): Json
  /** Gives back what was lent for a prepared half (lent.ts), once it was drawn from for the last time. */
  release?(prepared: PreparedOf<S>): void
}

type PreparedOf<S extends HostStage> = Parameters<S["draw"]>[0]

const hooks = (stage: HostStage & HostHooks): HostHooks => stage

/** A host stage ready to prepare samples. */
export interface ReadyStage {
  readonly stage: HostStage
  /** The digest of what `open` opened; "" for a stage that needs nothing. */
  readonly asset: string
  /** SHA-256 of stage, version, settings and asset: with an input's digest, the key of a prepared half. */
  readonly identity: string
  readonly prepare: HostStage["prepare"]
  /** The vocabularies of its fields of tokens. */
  readonly vocabularies: OpenedVocabularies
  /** The files that it needs elsewhere, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Where its prepared halves are kept. */
  readonly cache: PreparedCache
  /** A field that it reads and the source does not give, but another stage draws anew every epoch: then nothing of it is kept. */
  readonly readsDrawn: string | undefined
}

/** What shards keep of a stage's prepared halves, or `undefined` where they keep nothing. */
export const inShardOf = (stage: HostStage): HostHooks["inShard"] => hooks(stage).inShard

/** Lets go of a prepared half that nobody will look at again. */
export const release = ({ stage }: ReadyStage, prepared: unknown): void => hooks(stage).release?.(prepared)

/** What a stage's prepared halves are a function of, except their input. */
export const madeFrom = (stage: HostStage, asset: string) => ({
  stage: stage.stage,
  version: stage.version,
  settings: hooks(stage).preparedBy ?? stage.settings,
  asset
})

/** The SHA-256 of `madeFrom`. */
export const identityOf = (stage: HostStage, asset: string): string => digest(madeFrom(stage, asset))

/** Opens a host stage and its cache; `source` are the fields that samples have before any stage, those of pairs unless given. */
export const openStage = Effect.fn("pipeline.openStage")(function* (
  stage: HostStage,
  hostContext: HostContext,
  source: Fields = pairValues
) {
  const { open } = hooks(stage)
  const opened: Instantiated = open ? yield* open(hostContext) : { asset: "", prepare: stage.prepare }
  const { asset, prepare, vocabularies = {}, files = new Map() } = opened
  const cache = yield* hostContext.openCache(`prepared/${stage.stage}`)
  const readsDrawn = Object.keys(stage.reads).find(
    (field) => !Object.hasOwn(source, field) && !Object.hasOwn(sampleFields, field)
  )
  const identity = identityOf(stage, asset)
  return { stage, asset, identity, prepare, vocabularies, files, cache, readsDrawn } satisfies ReadyStage
})

/** The files that opened stages need elsewhere, by name. */
export const filesOf = (stages: readonly ReadyStage[]): ReadonlyMap<string, Uint8Array> =>
  new Map(stages.flatMap(({ files }) => [...files]))

/** The digests of what stages have opened, by stage. */
export const assetsOf = (stages: readonly ReadyStage[]): { readonly [stage: string]: string } =>
  Object.fromEntries(stages.flatMap(({ stage, asset }) => (asset === "" ? [] : [[stage.as, asset]])))

/** The host stages among stages, in order. */
export const hostStagesOf = (stages: readonly Stage[]): readonly HostStage[] => stages.filter((stage) => stage.kind === "host")

/** Opens the host stages of a pipeline, or of a part of its batch. */
export const openStages = ({ stages, source }: Pick<Pipeline, "stages" | "source">, hostContext: HostContext) =>
  Effect.forEach(hostStagesOf(stages), (stage) => openStage(stage, hostContext, valuesOf(source)))
