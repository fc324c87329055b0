import { fingerprintLayout, known } from "./fingerprint.ts"

const { bytes: width, sha256, perceptualHash, colours, known: knownAt } = fingerprintLayout

/** Maximum number of bits of 128 by which two perceptual hashes may differ, so that they have one of the bands in common. */
const mostBits = 7
/** Levels of 255 by which a quarter's mean colour may differ. */
const mostColour = 12
const bands = 8
/** Number of images with a band in common with which each image is compared: those just before it. */
const compared = 256

const ones = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll("0", "").length)

/** True where two fingerprints are of images that look alike. */
export const lookAlike = (fingerprints: Uint8Array, a: number, b: number): boolean => {
  const [p, q] = [a * width, b * width]
  for (let i = colours; i < colours + 12; i++)
    if (Math.abs(fingerprints[p + i]! - fingerprints[q + i]!) > mostColour) return false
  let bits = 0
  for (let i = perceptualHash; i < perceptualHash + 16; i++) {
    bits += ones[fingerprints[p + i]! ^ fingerprints[q + i]!]!
    if (bits > mostBits) return false
  }
  return true
}

const compareDigests = (fingerprints: Uint8Array) => (a: number, b: number) => {
  const [p, q] = [a * width + sha256, b * width + sha256]
  for (let i = 0; i < 32; i++) if (fingerprints[p + i] !== fingerprints[q + i]) return fingerprints[p + i]! - fingerprints[q + i]!
  return a - b
}

/**
 * Returns, for each sample, the first one whose image has the same bytes: itself where there is no earlier one, or its
 * fingerprint is empty.
 */
export const firstOfBytes = (fingerprints: Uint8Array): Int32Array => {
  const count = fingerprints.length / width
  const first = Int32Array.from({ length: count }, (_, i) => i)
  const known = first.filter((i) => fingerprints[i * width + knownAt]! > 0)
  const compare = compareDigests(fingerprints)
  const sorted = known.sort(compare)
  const same = (a: number, b: number) =>
    fingerprints.subarray(a * width, a * width + 32).every((byte, i) => byte === fingerprints[b * width + i])
  for (let i = 1; i < sorted.length; i++) {
    if (same(sorted[i - 1]!, sorted[i]!)) first[sorted[i]!] = first[sorted[i - 1]!]!
  }
  return first
}

/**
 * Visits pairs (earlier, later) of samples that look alike, at least once each, among those that are the first of their bytes.
 *
 * Perceptual hashes of 128 bits are divided into eight bands: two that differ in at most seven bits share one. Where more than
 * 256 share a band, each is compared with the 256 before it only, so that time stays linear; chains of copies are still found.
 */
export const eachNearPair = (
  fingerprints: Uint8Array,
  firsts: Int32Array,
  visit: (earlier: number, later: number) => void
): void => {
  const candidates = firsts.filter((first, i) => first === i && fingerprints[i * width + knownAt] === known.perceptualHash)
  for (let band = 0; band < bands; band++) {
    const at = perceptualHash + 2 * band
    const bandOf = (i: number) => fingerprints[i * width + at]! | (fingerprints[i * width + at + 1]! << 8)
    const starts = new Uint32Array(65_537)
    for (const i of candidates) starts[bandOf(i) + 1]!++
    for (let value = 0; value < 65_536; value++) starts[value + 1]! += starts[value]!
    const next = starts.slice()
    const sorted = new Int32Array(candidates.length)
    for (const i of candidates) sorted[next[bandOf(i)]!++] = i
    for (let value = 0; value < 65_536; value++) {
      for (let j = starts[value]! + 1; j < starts[value + 1]!; j++) {
        for (let i = Math.max(starts[value]!, j - compared); i < j; i++) {
          if (lookAlike(fingerprints, sorted[i]!, sorted[j]!)) visit(sorted[i]!, sorted[j]!)
        }
      }
    }
  }
}
