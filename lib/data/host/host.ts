import { Effect } from "effect"
import { oneLine } from "../../error/one-line.ts"
import { SampleError } from "../../pipeline/errors.ts"
import type { PairValues } from "../../pipeline/samples.ts"
import { drawKey, type Key } from "../../random/key.ts"
import { sha256 } from "../../store/digest.ts"
import type { Fields } from "../../tensor/field.ts"
import type { RawSample, Source } from "../source.ts"
import { noCache } from "./prepared-cache.ts"
import { madeFrom, type ReadyStage, release } from "./ready-stage.ts"

/** A sample as the input of host stages: nothing is read before a stage needs it. */
export interface SampleInput<F extends Fields = PairValues> {
  readonly id: string
  /** Shared by samples that are positives of each other. */
  readonly group: number
  /** SHA-256 of everything that determines `raw`. */
  readonly digest: Effect.Effect<string, SampleError>
  readonly raw: Effect.Effect<RawSample<F>, SampleError>
  /** Its source's fields that are tensors already: no stage adds them, the program reads them unchanged. */
  readonly tensors: readonly string[]
}

/** Key of random draws: the run's key and the epoch. */
export interface DrawPlace {
  readonly run: Key
  readonly epoch: number
}

/** Values of a sample's fields by name: typed arrays for tensors, any other value as its stage returned it. */
export interface SampleValues {
  readonly [field: string]: unknown
}

const tensorsOf = ({ fields }: Pick<Source<Fields>, "fields">): readonly string[] =>
  fields === undefined ? [] : Object.keys(fields).filter((name) => "dtype" in fields[name]!)

/** Returns sample `index` of a source as an input; it is read at most once. */
export const sampleInput = <F extends Fields>(source: Source<F>, index: number): Effect.Effect<SampleInput<F>> =>
  Effect.map(Effect.cached(source.sample(index)), (raw) => ({
    id: source.id(index),
    group: source.group(index),
    digest: source.sampleDigest(index),
    raw,
    tensors: tensorsOf(source)
  }))

/** Returns the cache key of a stage's preprocessing: sha256(stage, version, settings and asset, input). */
export const preparedKey = (stage: ReadyStage, inputDigest: string): string => sha256(`${stage.identity} ${inputDigest}`)

/**
 * True where a stage's cached preprocessing can be stored: it reads only fields of the source, none that another stage draws each
 * epoch.
 */
export const isKept = ({ readsDrawn }: ReadyStage): boolean => readsDrawn === undefined

const failed = (id: string, stage: ReadyStage) => (cause: unknown) =>
  new SampleError({ id, reason: `failed(${stage.stage.as}: ${oneLine(cause)})` })

/** Returns a stage's preprocessing, from the cache where it can be cached; an entry that cannot be decoded counts as missing. */
const prepareHalf = Effect.fnUntraced(function* (stage: ReadyStage, input: SampleInput<Fields>, drawn: SampleValues) {
  const make = Effect.gen(function* () {
    const raw = yield* input.raw
    return yield* stage.prepare({ ...raw, group: Int32Array.of(input.group), ...drawn })
  }).pipe(Effect.catchDefect((defect) => Effect.fail(failed(input.id, stage)(defect))))
  // Without a cache, neither digest nor encode: these take as long as the augmentation of a view.
  if (stage.cache === noCache || !isKept(stage)) return yield* make
  const key = preparedKey(stage, yield* input.digest)
  const found = yield* stage.cache.get(key)
  if (found !== undefined) {
    const decoded = yield* Effect.exit(Effect.try({ try: () => stage.stage.codec.decode(found), catch: failed(input.id, stage) }))
    if (decoded._tag === "Success") return decoded.value
  }
  const prepared = yield* make
  yield* stage.cache.set(key, stage.stage.codec.encode(prepared))
  yield* stage.cache.remember(stage.identity, madeFrom(stage.stage, stage.asset))
  return prepared
})

/**
 * Runs the host stages on one sample; returns their fields, with `id` and `group` (int32[1]).
 *
 * Every augmentation has the key (seed, epoch, sample id, stage, "draw"); without a place nothing is random (evaluation). A stage
 * that throws causes a `SampleError` with the reason `failed(stage: message)`, like a sample that cannot be used.
 */
export const runHost = Effect.fnUntraced(function* (
  stages: readonly ReadyStage[],
  input: SampleInput<Fields>,
  place: DrawPlace | null
) {
  let values: SampleValues = { id: input.id, group: Int32Array.of(input.group) }
  if (input.tensors.length > 0) {
    const raw: SampleValues = yield* input.raw
    values = { ...values, ...Object.fromEntries(input.tensors.map((name) => [name, raw[name]])) }
  }
  for (const ready of stages) {
    const prepared = yield* prepareHalf(ready, input, values)
    const site = { epoch: place?.epoch ?? 0, sample: input.id, stage: ready.stage.as, purpose: "draw" }
    const key = place === null ? null : drawKey(place.run, site)
    const drawn = yield* Effect.try({ try: () => ready.stage.draw(prepared, key), catch: failed(input.id, ready) })
    release(ready, prepared)
    values = { ...values, ...drawn }
  }
  return values
})

/**
 * Computes the cached preprocessing of a sample for every stage that can store it, so that later reads find it; returns which
 * were stored already.
 */
export const prepareSample = Effect.fnUntraced(function* (stages: readonly ReadyStage[], input: SampleInput<Fields>) {
  const digest = yield* input.digest
  let found = 0
  const kept = stages.filter(isKept)
  for (const stage of kept) {
    if (stage.cache.has(preparedKey(stage, digest))) found++
    else yield* prepareHalf(stage, input, {})
  }
  return { kept: kept.length, found }
})
