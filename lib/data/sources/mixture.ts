import { Effect } from "effect"
import { SampleError } from "../../pipeline/errors.ts"
import type { PairValues } from "../../pipeline/samples.ts"
import { integers } from "../../random/integers.ts"
import { derive, key } from "../../random/key.ts"
import { permutation } from "../../random/permutation.ts"
import { type Field, type Fields, fieldsText, show } from "../../tensor/field.ts"
import { DataError } from "../data-error.ts"
import { issuesOf, joinIssues } from "../read-issues.ts"
import { joinsSameImages } from "../same-images.ts"
import { fieldsOf, jsonDigest, type Source } from "../source.ts"
import { mixtureBlocks } from "./mixture-blocks.ts"
import type { MixturePart } from "./mixture-name.ts"

/** A source that is part of a mixture. */
export interface MixedSource<F extends Fields = PairValues> extends MixturePart {
  readonly source: Source<F>
}

/**
 * Place of a sample of a mixture: its part, its index in that part's source, and the number of earlier passes over that source.
 */
export interface MixturePlace {
  readonly part: number
  readonly index: number
  readonly round: number
}

/** Maximum number of samples of a mixture: more are a mistake in the weights. */
const largestMixture = 2 ** 31 - 1

/**
 * Returns the number of samples of each part in an epoch: proportional to the weights, and the smallest with which every sample
 * of every source is in it at least once. Part k of n_k samples and weight w_k (of a sum of 1) gets ⌈w_k · N⌉, with N = max n_k /
 * w_k.
 */
export const mixtureCounts = (sizes: readonly number[], weights: readonly number[]): readonly number[] => {
  const sum = weights.reduce((a, b) => a + b, 0)
  const total = Math.max(...sizes.map((size, k) => (size * sum) / weights[k]!))
  // The product may miss a whole number by a rounding error, which a ceiling would turn into a sample.
  return sizes.map((size, k) => Math.max(size, Math.ceil((weights[k]! / sum) * total - 1e-6)))
}

/** Everything that determines the places of a part. */
export interface MixtureShape {
  /** Number of samples of the source. */
  readonly size: number
  /** Number of the mixture's samples that are from it. */
  readonly count: number
  readonly digest: string
  /** True where neighbouring samples are cheaper to read together. */
  readonly inBlocks: boolean
}

/**
 * The place of each sample of a mixture, as a pure function of its index: parts follow each other, and within a part the source
 * is repeated. The last round, where it is incomplete, is a choice without replacement by the key of the part's digest; a run of
 * neighbours, from a place drawn by the key, where the source is read in blocks.
 */
export const mixturePlaces = (shapes: readonly MixtureShape[]) => {
  const starts = [0]
  for (const { count } of shapes) starts.push(starts.at(-1)! + count)
  const orders = shapes.map(({ size, digest, inBlocks }, k) => {
    const drawn = derive(key(0), "mixture", k, digest)
    if (!inBlocks) return permutation(drawn, size)
    const from = integers(drawn, 1, 0, size)[0]!
    return (place: number) => (from + place) % size
  })
  return (index: number): MixturePlace => {
    let part = 0
    while (index >= starts[part + 1]!) part++
    const within = index - starts[part]!
    const { size, count } = shapes[part]!
    const round = Math.floor(within / size)
    const place = within - round * size
    const whole = (round + 1) * size <= count
    return { part, round, index: whole ? place : orders[part]!(place) }
  }
}

/**
 * Returns the offset of each part's groups, above those of the parts before it. Parts of embedded data share theirs: code points.
 */
const groupOffsets = (parts: readonly MixedSource<Fields>[]): readonly number[] => {
  let next = 0
  let embedded: number | undefined
  return parts.map(({ name, source }) => {
    const isEmbedded = name.startsWith("embedded:")
    const offset = isEmbedded && embedded !== undefined ? embedded : next
    if (isEmbedded) embedded = offset
    let most = 0
    for (let index = 0; index < source.count; index++) most = Math.max(most, source.group(index))
    next = Math.max(next, offset + most + 1)
    return offset
  })
}

/** Returns the fields that samples of all parts have, `undefined` where all are pairs; a message where there is none. */
const commonFields = (parts: readonly MixedSource<Fields>[]): Fields | string | undefined => {
  const [first, ...others] = parts
  if (parts.every(({ source }) => source.fields === undefined)) return undefined
  const theirs = others.map(({ source }) => fieldsOf(source))
  const isCommon = ([name, field]: readonly [string, Field]) =>
    theirs.every((fields) => Object.hasOwn(fields, name) && show(fields[name]!) === show(field))
  const common = Object.entries(fieldsOf(first!.source)).filter(isCommon)
  if (common.length > 0) return Object.fromEntries(common)
  return `its parts have no field in common: ${parts.map(({ name, source }) => `${name} has ${fieldsText(fieldsOf(source))}`).join("; ")}`
}

/**
 * Mixes sources by weight into one, with the fields that all of them have. An epoch has every sample at least once, those of
 * sources with larger weights more than once; a sample's id is the part's number, `/`, its own id, and `~2`, `~3` … when it is
 * repeated, so that it gets its own random draws.
 */
export const mixtureSource = Effect.fn("data.mixture")(function* <F extends Fields = PairValues>(
  name: string,
  parts: readonly MixedSource<F>[]
) {
  const light = parts.find(({ weight }) => !(weight > 0))
  if (light) return yield* new DataError({ file: light.name, problem: `weight ${light.weight}: expected more than 0` })
  const fields = commonFields(parts)
  if (typeof fields === "string") return yield* new DataError({ file: name, problem: fields })
  const sizes = parts.map(({ source }) => source.count)
  const counts = mixtureCounts(
    sizes,
    parts.map(({ weight }) => weight)
  )
  const count = counts.reduce((a, b) => a + b, 0)
  if (count > largestMixture) {
    const problem = `weights that repeat samples up to an epoch of ${count}; the most is ${largestMixture}`
    return yield* new DataError({ file: name, problem })
  }
  const digests = parts.map(({ source }) => source.digest)
  const places = mixturePlaces(
    parts.map(({ source }, k) => {
      return { size: source.count, count: counts[k]!, digest: source.digest, inBlocks: source.blocks !== undefined }
    })
  )
  const offsets = groupOffsets(parts)
  const of = (index: number) => {
    const place = places(index)
    const { source } = parts[place.part]!
    const own = `${place.part}/${source.id(place.index)}`
    return { ...place, source, id: place.round === 0 ? own : `${own}~${place.round + 1}` }
  }
  const group = (index: number) => {
    const { source, part, index: at } = of(index)
    return offsets[part]! + source.group(at)
  }
  const reading = <A>(index: number, read: (source: Source<F>, at: number) => Effect.Effect<A, SampleError>) => {
    const { source, index: at, id } = of(index)
    return read(source, at).pipe(Effect.mapError(({ reason }) => new SampleError({ id, reason })))
  }
  const mixed: Source<F> = {
    name,
    count,
    ...(fields ? { fields: fields as F } : {}),
    digest: jsonDigest(["mixture", 1, digests, counts]),
    credits: parts.flatMap(({ source }) => source.credits),
    issues: joinIssues(...parts.map(({ name, source }) => issuesOf(name, source.issues))),
    found: () => joinIssues(...parts.map(({ name, source }) => issuesOf(name, source.found?.() ?? []))),
    // Only where all parts have it: that of one part does not apply to the others.
    ...(parts.every(({ source }) => !joinsSameImages(source)) ? { groupBy: "sample" } : {}),
    lists: new Map(parts.flatMap(({ source }) => [...(source.lists ?? [])])),
    id: (index) => of(index).id,
    group,
    texts: (index, field) => reading(index, (source, at) => source.texts(at, field)),
    sample: (index) =>
      Effect.map(
        reading(index, (source, at) => source.sample(at)),
        (sample) => ({ ...sample, id: of(index).id, group: group(index) })
      ),
    sampleDigest: (index) => reading(index, (source, at) => source.sampleDigest(at)),
    ...mixtureBlocks(
      parts.map(({ source }) => source),
      counts
    )
  }
  return mixed
})
