import { derive, type Key } from "../../lib/random/key.ts"
import { uniform } from "../../lib/random/uniform.ts"
import { type CropSettings, centreBox, randomBox, wholeBox } from "./crop.ts"
import { type Normalisation, normalisedPatches } from "./patches.ts"
import { augment, drawOperations, type RandAugmentSettings } from "./rand-augment.ts"
import type { RawPicture } from "./raw-picture.ts"
import { type Interpolation, resample } from "./resample.ts"

/** How a decoded picture becomes patches. */
export interface ViewSettings {
  /** The side of a view in pixels; `patch` divides it. */
  readonly size: number
  readonly patch: number
  readonly interpolation: Interpolation
  readonly normalisation: Normalisation
  /** The random crop of training; `null` for none. */
  readonly crop: CropSettings | null
  /** The probability of mirroring. */
  readonly flip: number
  readonly augment: RandAugmentSettings | null
  /** What is shown without a random crop: the whole picture, squeezed into the square (ALBEF's evaluation), or the middle square. */
  readonly still: "whole" | "centre"
}

/**
 * One view of a picture as patches, float32 [(size / patch)², patch · patch · 3]: a pure function of its arguments.
 *
 * `key` draws the crop, the flip and the operations; with `null` nothing is random. `mirrorable` is false where the caption says
 * left or right (`namesSide`).
 */
export const drawView = (picture: RawPicture, key: Key | null, settings: ViewSettings, mirrorable: boolean): Float32Array => {
  const { size, patch, interpolation, normalisation, crop, flip, still } = settings
  const box =
    key !== null && crop !== null
      ? randomBox(picture, crop, derive(key, "crop"))
      : still === "whole"
        ? wholeBox(picture)
        : centreBox(picture)
  const flipped = key !== null && mirrorable && uniform(derive(key, "flip"), 1)[0]! < flip
  const pixels = resample(picture, box, size, { flipped, interpolation })
  if (key === null || settings.augment === null) return normalisedPatches(pixels, size, patch, normalisation)
  const drawn = drawOperations(settings.augment, derive(key, "augment"))
  return normalisedPatches(augment(pixels, size, drawn, settings.augment), size, patch, normalisation)
}

/** `count` views of a picture, each by a key of its own; without a key, the one still view as many times. */
export const drawViews = (
  picture: RawPicture,
  key: Key | null,
  settings: ViewSettings,
  mirrorable: boolean,
  count: number
): readonly Float32Array[] => {
  if (key !== null)
    return Array.from({ length: count }, (_, view) => drawView(picture, derive(key, "view", view), settings, mirrorable))
  const still = drawView(picture, null, settings, mirrorable)
  return Array.from({ length: count }, () => still)
}
