import { Effect, Result } from "effect"
import type { Sharp, SharpOptions } from "sharp"
import { SampleError } from "../pipeline/errors.ts"
import { type ImageFormat, imageLoaders } from "./image-loaders.ts"
import { imageRefusal } from "./image-refusal.ts"
import { strayMarker } from "./jpeg-end.ts"

/** Encoded bytes of a known format. */
interface Encoded {
  readonly bytes: Buffer
  readonly format: ImageFormat
}

/** The limits of `guardImage` that decoders enforce themselves. */
interface Bounds {
  readonly formats: readonly ImageFormat[]
  readonly maxPixels: number
  readonly timeoutSeconds: number
}

/** Result of decoding an image, and whether a strict decoder warns about the image. */
export interface Decoded<A> {
  readonly made: A
  readonly tolerated: boolean
}

/** Levels at which libvips refuses: at any warning, or, as Pillow, torchvision and browsers do, at errors and missing data. */
export type Strictness = "warning" | "error"

/** Refusals after which a tolerant attempt is useless or, as it would take the full time again, not permitted. */
const final = new Set(["timeout", "too-many-pixels"])

const refusing =
  ({ bytes, format }: Encoded) =>
  (cause: unknown): string =>
    imageRefusal(format, bytes, cause)

/**
 * Decodes strictly, then tolerantly what libvips refused, and fails with the reason of the tolerant attempt. Phones, cameras and
 * editors write JPEGs that a strict decoder warns about: the parameters of a scan, bytes between segments.
 */
export const strictThenTolerant = Effect.fnUntraced(function* <A>(encoded: Encoded, decode: (failOn: Strictness) => Promise<A>) {
  const attempt = (failOn: Strictness) => Effect.tryPromise({ try: () => decode(failOn), catch: refusing(encoded) })
  const strict = yield* Effect.result(attempt("warning"))
  if (Result.isSuccess(strict)) return { made: strict.success, tolerated: false } satisfies Decoded<A> as Decoded<A>
  if (final.has(strict.failure)) return yield* Effect.fail(strict.failure)
  return { made: yield* attempt("error"), tolerated: true } satisfies Decoded<A> as Decoded<A>
})

/** Settings of a decoder: `make` computes the result, and may be called twice. */
export interface Decoding<A> extends Pick<SharpOptions, "autoOrient" | "sequentialRead"> {
  readonly make: (opened: Sharp) => Promise<A>
  /**
   * A faster decoder that is stricter than libvips. It does not support every JPEG: those that it refuses are left to libvips.
   */
  readonly fast?: (() => Promise<A>) | undefined
}

/**
 * Decodes an image that has passed `guardImage`: the only place that defines which images are corrupt, for training, `prepare`,
 * fingerprints, `inspect --lint` and reports.
 */
export const decodeGuarded = Effect.fnUntraced(function* <A>(
  id: string,
  encoded: Encoded,
  { formats, maxPixels, timeoutSeconds }: Bounds,
  { make, fast, ...opening }: Decoding<A>
) {
  const { bytes, format } = encoded
  if (fast !== undefined) {
    const made = yield* Effect.result(Effect.tryPromise({ try: fast, catch: () => "refused" }))
    if (Result.isSuccess(made)) return { made: made.success, tolerated: false } satisfies Decoded<A> as Decoded<A>
  }
  const refuse = (reason: string) => new SampleError({ id, reason })
  // libvips does not read beyond the last row that it needs, so its detection would depend on the size.
  const stray = format === "jpeg" ? strayMarker(bytes) : undefined
  if (stray !== undefined) return yield* refuse(`corrupt(marker 0x${stray.toString(16)} within the coded pixels)`)
  const decode = (failOn: Strictness) => {
    const options = { ...opening, limitInputPixels: maxPixels, failOn }
    return make(imageLoaders(formats)(bytes, options).timeout({ seconds: timeoutSeconds }))
  }
  return yield* Effect.mapError(strictThenTolerant(encoded, decode), refuse)
})

/** Decodes every pixel and discards them. */
export const decodeAll = (id: string, encoded: Encoded, bounds: Bounds) =>
  decodeGuarded(id, encoded, bounds, {
    make: (opened) => opened.resize(16, 16, { fit: "fill", fastShrinkOnLoad: false }).raw().toBuffer()
  })
