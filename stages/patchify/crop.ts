import { type Box, centreBox } from "../../lib/data/resample/box.ts"
import type { Size } from "../../lib/data/stored-size.ts"
import type { Key } from "../../lib/random/key.ts"
import { uniform } from "../../lib/random/uniform.ts"

export interface CropSettings {
  /** Bounds on the fraction of the image's area that is kept. */
  readonly scale: readonly [low: number, high: number]
  /** Bounds on width / height of the part kept. */
  readonly ratio: readonly [low: number, high: number]
}

/** ALBEF's pre-training crop. */
export const cropDefaults: CropSettings = { scale: [0.5, 1], ratio: [3 / 4, 4 / 3] }

const attempts = 10
const round = (x: number) => Math.floor(x + 0.5)

/**
 * A random box: torchvision's `RandomResizedCrop.get_params`, with round(x) = ⌊x + ½⌋.
 * Up to ten attempts draw the area uniformly and the aspect log-uniformly; the box is placed uniformly where it fits. If none
 * fits, the box is centred. Attempt k uses numbers 4k to 4k + 3 of the key's stream.
 */
export const randomBox = (size: Size, { scale, ratio }: CropSettings, key: Key): Box => {
  const draws = uniform(key, attempts * 4)
  const [low, high] = [Math.log(ratio[0]), Math.log(ratio[1])]
  for (let attempt = 0; attempt < attempts; attempt++) {
    const [u, v, left, top] = draws.subarray(attempt * 4) as unknown as readonly [number, number, number, number]
    const area = size.width * size.height * (scale[0] + u * (scale[1] - scale[0]))
    const aspect = Math.exp(low + v * (high - low))
    const width = round(Math.sqrt(area * aspect))
    const height = round(Math.sqrt(area / aspect))
    if (width < 1 || height < 1 || width > size.width || height > size.height) continue
    const x = Math.floor(left * (size.width - width + 1))
    const y = Math.floor(top * (size.height - height + 1))
    return { x, y, width, height }
  }
  return centreBox(size, ratio)
}
