import { hash } from "node:crypto"
import { Effect } from "effect"
import type { Sharp } from "sharp"
import { decodeGuarded } from "../data/decode-guarded.ts"
import { guardImage, type ImageLimits } from "../data/image-guard.ts"

/**
 * Byte offsets of the parts of a fingerprint: SHA-256, then 128 bits of a perceptual hash, then 12 bytes of colours, then which
 * parts are valid.
 */
export const fingerprintLayout = { bytes: 64, sha256: 0, perceptualHash: 32, colours: 48, known: 60 } as const

/** Parts of a fingerprint that are valid: none, the SHA-256 of the bytes, or that and the perceptual hash. */
export const known = { nothing: 0, bytes: 1, perceptualHash: 2 } as const

const side = 9
const cells = side - 1
/** Grey levels by which a neighbour must be brighter for its bit to be set: noise on a uniform area sets none. */
const margin = 3

const greys = (pixels: Uint8Array): Float64Array =>
  Float64Array.from({ length: side * side }, (_, i) => {
    const at = 3 * i
    return 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!
  })

/**
 * A difference hash of 9 × 9 sRGB pixels, uint8 [9, 9, 3], into 16 bytes: a bit for each of 8 × 8 places whose right neighbour is
 * brighter, then for each whose lower one is. Then 12 bytes: the mean colour of each quarter.
 */
export const lookBytes = (pixels: Uint8Array): Uint8Array => {
  const grey = greys(pixels)
  const out = new Uint8Array(28)
  for (let y = 0; y < cells; y++) {
    for (let x = 0; x < cells; x++) {
      const at = y * side + x
      if (grey[at + 1]! - grey[at]! > margin) out[y]! |= 1 << x
      if (grey[at + side]! - grey[at]! > margin) out[cells + y]! |= 1 << x
    }
  }
  for (let quarter = 0; quarter < 4; quarter++) {
    const [top, left] = [quarter >> 1 ? 5 : 0, quarter & 1 ? 5 : 0]
    for (let channel = 0; channel < 3; channel++) {
      let sum = 0
      for (let y = top; y < top + 4; y++) for (let x = left; x < left + 4; x++) sum += pixels[(y * side + x) * 3 + channel]!
      out[16 + quarter * 3 + channel] = Math.round(sum / 16)
    }
  }
  return out
}

/**
 * Computes the perceptual hash and colours of an image: see `lookBytes`. Scaled without regard to the aspect ratio, so that a
 * stretched copy has the same ones.
 */
export const looksOf = Effect.fnUntraced(function* (id: string, image: Uint8Array, limits: ImageLimits) {
  const guarded = yield* guardImage(id, image, limits)
  const make = (opened: Sharp) =>
    opened
      .flatten({ background: "#ffffff" })
      .resize(side, side, { fit: "fill", kernel: "linear" })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true })
  const { made } = yield* decodeGuarded(id, guarded, limits, { autoOrient: true, sequentialRead: true, make })
  return lookBytes(made.data)
})

/** Returns the 64 bytes of an image's fingerprint; an image that cannot be decoded has its digest only. */
export const fingerprint = Effect.fnUntraced(function* (id: string, image: Uint8Array, looks: boolean, limits: ImageLimits) {
  const print = new Uint8Array(fingerprintLayout.bytes)
  print.set(hash("sha256", image, "buffer"), fingerprintLayout.sha256)
  print[fingerprintLayout.known] = known.bytes
  if (!looks) return print
  const seen = yield* Effect.result(looksOf(id, image, limits))
  if (seen._tag === "Failure") return print
  print.set(seen.success, fingerprintLayout.perceptualHash)
  print[fingerprintLayout.known] = known.perceptualHash
  return print
})
