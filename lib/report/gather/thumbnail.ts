import { Effect } from "effect"
import { guardPicture, pictureLimits } from "../../data/picture-guard.ts"
import { pictureLoaders } from "../../data/picture-loaders.ts"

const side = 160
const limits = { ...pictureLimits, animated: "first-frame", maxPixels: 2 ** 26 } as const

/**
 * A small PNG of a picture as a data URI, or undefined for one that cannot be decoded. `square` squeezes it into a square, as
 * patches are cut from it; otherwise its shape stays. Small pictures are not enlarged. Nothing of the picture's metadata is in it.
 */
export const thumbnail = (picture: Uint8Array, square: boolean): Effect.Effect<string | undefined> =>
  guardPicture("thumbnail", picture, limits).pipe(
    Effect.flatMap(({ bytes }) =>
      Effect.tryPromise(async () => {
        const small = await pictureLoaders()(bytes, { limitInputPixels: limits.maxPixels })
          .timeout({ seconds: limits.timeoutSeconds })
          .autoOrient()
          .resize(side, side, { fit: square ? "fill" : "inside", withoutEnlargement: true })
          .png({ palette: true })
          .toBuffer()
        return `data:image/png;base64,${small.toString("base64")}`
      })
    ),
    Effect.orElseSucceed(() => undefined)
  )
