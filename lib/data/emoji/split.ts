import type { Key } from "../../random/key.ts"
import { permutation } from "../../random/permutation.ts"
import { type EmojiPair, type Population, selectPairs } from "./catalogue.ts"
import { heldOutVendor, trainingVendors } from "./vendor.ts"

/** Training and held-out pairs of a population. */
export interface EmojiSplit {
  readonly train: readonly EmojiPair[]
  readonly heldOut: readonly EmojiPair[]
}

/** Splits by vendor: all images of `heldOutVendor` are held out of training. */
export const splitByVendor = (catalogue: readonly EmojiPair[], population: Population): EmojiSplit => ({
  train: selectPairs(catalogue, { population, vendors: trainingVendors }),
  heldOut: selectPairs(catalogue, { population, vendors: [heldOutVendor] })
})

/**
 * Draws `count` held-out pairs without replacement by a key, for evaluation, sorted by code point.
 * They are drawn from the code points of which training has at least one other drawing. A smaller population is returned whole.
 */
export const chooseHeldOut = ({ train, heldOut }: EmojiSplit, count: number, key: Key): readonly EmojiPair[] => {
  const known = new Set(train.map(({ group }) => group))
  const candidates = heldOut.filter(({ group }) => known.has(group))
  if (count >= candidates.length) return candidates
  const at = permutation(key, candidates.length)
  const chosen = Array.from({ length: count }, (_, i) => at(i)).sort((a, b) => a - b)
  return chosen.map((index) => candidates[index]!)
}
