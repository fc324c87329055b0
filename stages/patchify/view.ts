import { type Box, centreBox, wholeBox } from "../../lib/data/resample/box.ts"
import { type Interpolation, type ResampleOptions, resample, resampledPatches } from "../../lib/data/resample/resample.ts"
import { derive, type Key } from "../../lib/random/key.ts"
import { uniform } from "../../lib/random/uniform.ts"
import { type CropSettings, randomBox } from "./crop.ts"
import { bytePatches, type Normalisation, normalisationTable, normalisedPatches } from "./patches.ts"
import { augment, drawOperations, type RandAugmentSettings } from "./rand-augment.ts"
import type { RawImage } from "./raw-image.ts"

/** Settings of the views that are cut from a decoded image. */
export interface ViewSettings<N extends Normalisation | null = Normalisation | null> {
  /** Side of a view in pixels; `patch` divides it. */
  readonly size: number
  readonly patch: number
  readonly interpolation: Interpolation
  /** Normalisation of values; `null` keeps bytes. */
  readonly normalisation: N
  /** Random crop of training; `null` for none. */
  readonly crop: CropSettings | null
  /** Probability of mirroring. */
  readonly flip: number
  readonly augment: RandAugmentSettings | null
  /** View without a random crop: the whole image, resized to the square (ALBEF's evaluation), or the centre square. */
  readonly still: "whole" | "centre"
}

/** Patches of a box; an image of the requested size is cut without resampling. */
const viewOf = (image: RawImage, box: Box, size: number, patch: number, table: Float32Array | null, options: ResampleOptions) => {
  const whole = box.width === size && box.height === size && image.width === size && image.height === size
  if (whole && !options.flipped && table === null) return bytePatches(image.data, size, patch)
  return resampledPatches(image, box, size, patch, table, options)
}

/** Patches of a view: float32 where it is normalised, else uint8. */
export type View<N extends Normalisation | null = Normalisation | null> = N extends null
  ? Uint8Array<ArrayBuffer>
  : Float32Array<ArrayBuffer>

const tables = new WeakMap<Normalisation, Float32Array>()

/** Returns the cached table of a normalisation. */
const tableOf = (normalisation: Normalisation | null): Float32Array | null => {
  if (normalisation === null) return null
  const table = tables.get(normalisation) ?? normalisationTable(normalisation)
  tables.set(normalisation, table)
  return table
}

const anyView = (image: RawImage, key: Key | null, settings: ViewSettings, mirrorable: boolean): View => {
  const { size, patch, interpolation, normalisation, crop, flip, still } = settings
  const box =
    key !== null && crop !== null
      ? randomBox(image, crop, derive(key, "crop"))
      : still === "whole"
        ? wholeBox(image)
        : centreBox(image)
  const flipped = key !== null && mirrorable && uniform(derive(key, "flip"), 1)[0]! < flip
  const options = { flipped, interpolation }
  if (key === null || settings.augment === null) return viewOf(image, box, size, patch, tableOf(normalisation), options)
  const drawn = drawOperations(settings.augment, derive(key, "augment"))
  const pixels = augment(resample(image, box, { width: size, height: size }, options), size, drawn, settings.augment)
  return normalisation === null ? bytePatches(pixels, size, patch) : normalisedPatches(pixels, size, patch, normalisation)
}

/**
 * One view of an image as patches, [(size / patch)², patch · patch · 3]: a pure function of its arguments. Without operations
 * cropping, scaling, mirroring, normalising and cutting are one pass.
 *
 * `key` draws the crop, the flip and the operations; with `null` nothing is random. `mirrorable` is false where the caption
 * mentions left or right (`namesSide`).
 */
export const drawView = <N extends Normalisation | null>(
  image: RawImage,
  key: Key | null,
  settings: ViewSettings<N>,
  mirrorable: boolean
): View<N> => anyView(image, key, settings, mirrorable) as View<N> // its numbers are those that the normalisation says

/** `count` views of an image, each with a key of its own; without a key, `count` times the same deterministic view. */
export const drawViews = <N extends Normalisation | null>(
  image: RawImage,
  key: Key | null,
  settings: ViewSettings<N>,
  mirrorable: boolean,
  count: number
): readonly View<N>[] => {
  if (key !== null)
    return Array.from({ length: count }, (_, view) => drawView(image, derive(key, "view", view), settings, mirrorable))
  const still = drawView(image, null, settings, mirrorable)
  return Array.from({ length: count }, () => still)
}
