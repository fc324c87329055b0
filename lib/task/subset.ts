import type { Source } from "../data/source.ts"
import { jsonDigest } from "../data/source.ts"
import type { Key } from "../random/key.ts"
import { permutation } from "../random/permutation.ts"

/** Returns the samples of a source at some indices, as a source. */
export const samplesAt = (source: Source, indices: readonly number[]): Source => ({
  name: source.name,
  count: indices.length,
  digest: jsonDigest([source.digest, indices]),
  credits: source.credits,
  issues: source.issues,
  ...(source.groupBy ? { groupBy: source.groupBy } : {}),
  id: (index) => source.id(indices[index]!),
  group: (index) => source.group(indices[index]!),
  texts: (index, field) => source.texts(indices[index]!, field),
  sample: (index) => source.sample(indices[index]!),
  sampleDigest: (index) => source.sampleDigest(indices[index]!)
})

/** Returns `count` samples of a source, drawn by a key without replacement, in the source's order; all where it has no more. */
export const someOf = (source: Source, count: number, key: Key): Source => {
  if (count >= source.count) return source
  const at = permutation(key, source.count)
  return samplesAt(
    source,
    Array.from({ length: count }, (_, i) => at(i)).sort((a, b) => a - b)
  )
}

/** Disjoint held-out samples: test samples, and validation samples to make choices on. */
export interface HeldOutParts {
  readonly test: Source
  readonly validation: Source
}

/**
 * Returns two parts of a source that share no sample and no group, drawn by one key: the `test` part equals `someOf` whatever the
 * size of the other, which has `validation` samples or as many as are left.
 */
export const heldOutParts = (source: Source, test: number, validation: number, key: Key): HeldOutParts => {
  const measured = someOf(source, test, key)
  const taken = new Set(Array.from({ length: measured.count }, (_, i) => measured.group(i)))
  const others: number[] = []
  const at = source.count > test ? permutation(key, source.count) : undefined
  for (let i = test; at && i < source.count && others.length < validation; i++)
    if (!taken.has(source.group(at(i)))) others.push(at(i))
  return {
    test: measured,
    validation: samplesAt(
      source,
      others.sort((a, b) => a - b)
    )
  }
}
