import { hash } from "node:crypto"
import { eachNearPair, firstOfBytes } from "./near-pairs.ts"
import { looksCount, type PrepareSettings, type Split } from "./prepare-settings.ts"

/** The part of a source that a plan depends on. */
export interface Planned {
  id(index: number): string
  group(index: number): number
}

/** Disjoint sets: each is represented by its least member. */
const disjointSets = (count: number) => {
  const parent = Int32Array.from({ length: count }, (_, i) => i)
  const find = (i: number): number => {
    let root = i
    while (parent[root] !== root) root = parent[root]!
    for (let at = i; parent[at] !== root; ) {
      const next = parent[at]!
      parent[at] = root
      at = next
    }
    return root
  }
  const join = (a: number, b: number): void => {
    const [p, q] = [find(a), find(b)]
    if (p < q) parent[q] = p
    else parent[p] = q
  }
  return { find, join }
}

/** Returns the split of an id: 0 for the rest, or the number of a split, counted from 1. */
export const splitOf = (id: string, splits: readonly Split[]): number => {
  const draw = Number.parseInt(hash("sha256", `split ${id}`).slice(0, 12), 16) / 2 ** 48
  let end = 0
  for (const [i, { fraction }] of splits.entries()) {
    end += fraction
    if (draw < end) return i + 1
  }
  return 0
}

/** Returns, for each sample, the earliest kept one that looks like it, or itself. */
const nearestKept = (fingerprints: Uint8Array, firsts: Int32Array): Int32Array => {
  const count = firsts.length
  const pairs: number[] = []
  eachNearPair(fingerprints, firsts, (earlier, later) => pairs.push(later * count + earlier))
  const sorted = Float64Array.from(pairs).sort()
  const same = firsts.slice()
  for (const pair of sorted) {
    const [later, earlier] = [Math.floor(pair / count), pair % count]
    if (same[later] === later && same[earlier] === earlier) same[later] = earlier
  }
  // A copy with the same bytes looks like the same sample as the first one of these bytes.
  return same.map((first, i) => (first === i ? i : same[first]!))
}

/**
 * Returns the disposition of each sample by its fingerprints, uint8 [samples, 64]: 0 for the rest, n for the n-th split, −1 − j
 * where it is left out as a duplicate of sample j.
 *
 * Samples whose images have the same bytes or look alike, or that share a group, are in one split, also transitively; the split
 * is drawn by the id of the first of them. A function of the source and the settings alone.
 */
export const planSamples = (fingerprints: Uint8Array, source: Planned, settings: PrepareSettings): Int32Array => {
  const { dedupe, splits } = settings
  const firsts = firstOfBytes(fingerprints)
  const count = firsts.length
  const same = dedupe === "perceptual" ? nearestKept(fingerprints, firsts) : firsts
  const { find, join } = disjointSets(count)
  if (splits.length > 0) {
    const firstOfGroup = new Map<number, number>()
    for (let i = 0; i < count; i++) {
      const group = source.group(i)
      const first = firstOfGroup.get(group)
      if (first === undefined) firstOfGroup.set(group, i)
      else join(first, i)
      join(firsts[i]!, i)
    }
    if (looksCount(settings)) eachNearPair(fingerprints, firsts, join)
  }
  return Int32Array.from({ length: count }, (_, i) => {
    if (dedupe !== "none" && same[i] !== i) return -1 - same[i]!
    return splits.length === 0 ? 0 : splitOf(source.id(find(i)), splits)
  })
}
