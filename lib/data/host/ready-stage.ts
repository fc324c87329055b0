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

/** Services needed to open resources: files, and a scope that closes them. */
export type Files = FileSystem.FileSystem | Path.Path | Scope.Scope

/** The texts in a field of a source, in chunks; can be read again. */
export type Corpus = Stream.Stream<readonly string[]>

/** Services available to stages before a run. */
export interface HostContext {
  readonly openCache: OpenCache
  /**
   * Returns all texts in a field (`captions` by default, or all texts where there is no such field) of the source of a name; of
   * the pipeline's training data for `null`.
   */
  readonly corpus: (source: string | null, field?: string) => Effect.Effect<Corpus, DataError, Files>
}

/** A host stage's `prepare` with its external resources opened, and their digest. */
export interface Instantiated<S extends HostStage = HostStage> {
  readonly asset: string
  readonly prepare: S["prepare"]
  /** The vocabularies of its fields of tokens. */
  readonly vocabularies?: OpenedVocabularies
  /** Files that a model's folder needs from it, by their names there (`PortableHooks.settingsIn`). */
  readonly files?: ReadonlyMap<string, Uint8Array>
}

/** Opens the external resources of a host stage. */
export type Open<S extends HostStage = HostStage> = (
  hostContext: HostContext
) => Effect.Effect<Instantiated<S>, DataError | StoreError, Files>

/** Optional members of a host stage. */
export interface HostHooks<S extends HostStage = HostStage> {
  /**
   * Opens an external resource that the stage requires (a vocabulary): read or built once per process, before the first sample.
   * Its digest is part of every cache key.
   */
  readonly open?: Open<S>
  /**
   * The settings that determine the cached preprocessing, where these are not all: changes of other settings do not invalidate
   * it.
   */
  readonly preparedBy?: Json
  /** Returns the part of the preprocessing that a shard stores beside the image and the captions, if any. */
  inShard?(prepared: PreparedOf<S>): Json
  /** Returns pooled buffers of a sample's preprocessing (buffer-pool.ts) after its last use. */
  release?(prepared: PreparedOf<S>): void
}

type PreparedOf<S extends HostStage> = Parameters<S["draw"]>[0]

const hooks = (stage: HostStage & HostHooks): HostHooks => stage

/** A host stage ready to prepare samples. */
export interface ReadyStage {
  readonly stage: HostStage
  /** The digest of what `open` opened; "" for a stage that needs nothing. */
  readonly asset: string
  /** SHA-256 of stage, version, settings and asset: with an input's digest, the cache key of its preprocessing. */
  readonly identity: string
  readonly prepare: HostStage["prepare"]
  /** The vocabularies of its fields of tokens. */
  readonly vocabularies: OpenedVocabularies
  /** Files that a model's folder needs from it, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Cache of its preprocessing. */
  readonly cache: PreparedCache
  /** A field that it reads and that another stage, not the source, draws each epoch: its preprocessing is then not cached. */
  readonly readsDrawn: string | undefined
}

/** Returns the function for the part of a stage's preprocessing that shards store, or `undefined` where they store none. */
export const inShardOf = (stage: HostStage): HostHooks["inShard"] => hooks(stage).inShard

/** Releases a sample's preprocessing after its last use. */
export const release = ({ stage }: ReadyStage, prepared: unknown): void => hooks(stage).release?.(prepared)

/** Returns everything that determines a stage's preprocessing, except its input. */
export const madeFrom = (stage: HostStage, asset: string) => ({
  stage: stage.stage,
  version: stage.version,
  settings: hooks(stage).preparedBy ?? stage.settings,
  asset
})

/** Returns the SHA-256 of `madeFrom`. */
export const identityOf = (stage: HostStage, asset: string): string => digest(madeFrom(stage, asset))

/** Opens a host stage and its cache; `source` are the fields that samples have before any stage, those of pairs by default. */
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

/** Returns the files that a model's folder needs from opened stages, by name. */
export const filesOf = (stages: readonly ReadyStage[]): ReadonlyMap<string, Uint8Array> =>
  new Map(stages.flatMap(({ files }) => [...files]))

/** Returns the digests of the resources that stages have opened, by stage. */
export const assetsOf = (stages: readonly ReadyStage[]): { readonly [stage: string]: string } =>
  Object.fromEntries(stages.flatMap(({ stage, asset }) => (asset === "" ? [] : [[stage.as, asset]])))

/** Returns the host stages among stages, in order. */
export const hostStagesOf = (stages: readonly Stage[]): readonly HostStage[] => stages.filter((stage) => stage.kind === "host")

/** Opens the host stages of a pipeline, or of a part of its batch. */
export const openStages = ({ stages, source }: Pick<Pipeline, "stages" | "source">, hostContext: HostContext) =>
  Effect.forEach(hostStagesOf(stages), (stage) => openStage(stage, hostContext, valuesOf(source)))
