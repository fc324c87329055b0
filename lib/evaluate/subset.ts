import type { Source } from "../data/source.ts"
import { jsonDigest } from "../data/source.ts"
import type { Key } from "../random/key.ts"
import { permutation } from "../random/permutation.ts"

/** `count` samples of a source as a source, drawn by a key without replacement, in the source's order; all where it has no more. */
export const someOf = (source: Source, count: number, key: Key): Source => {
  if (count >= source.count) return source
  const at = permutation(key, source.count)
  const chosen = Array.from({ length: count }, (_, i) => at(i)).sort((a, b) => a - b)
  return {
    name: source.name,
    count,
    digest: jsonDigest([source.digest, chosen]),
    credits: source.credits,
    id: (index) => source.id(chosen[index]!),
    group: (index) => source.group(chosen[index]!),
    captions: (index) => source.captions(chosen[index]!),
    sample: (index) => source.sample(chosen[index]!),
    sampleDigest: (index) => source.sampleDigest(chosen[index]!)
  }
}
