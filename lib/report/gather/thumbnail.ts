import { Effect } from "effect"
import { isPictureFormat, pictureLoaders, sniffFormat } from "../../data/picture-loaders.ts"

const side = 160
const mostPixels = 2 ** 26

/**
 * A small PNG of a picture as a data URI, or undefined for one that cannot be decoded. `square` squeezes it into a square, as
 * patches are cut from it; otherwise its shape stays. Small pictures are not enlarged.
 */
export const thumbnail = (picture: Uint8Array, square: boolean): Effect.Effect<string | undefined> => {
  if (!isPictureFormat(sniffFormat(picture))) return Effect.undefined
  return Effect.tryPromise(async () => {
    const small = await pictureLoaders()(picture, { limitInputPixels: mostPixels })
      .autoOrient()
      .resize(side, side, { fit: square ? "fill" : "inside", withoutEnlargement: true })
      .png({ palette: true })
      .toBuffer()
    return `data:image/png;base64,${small.toString("base64")}`
  }).pipe(Effect.orElseSucceed(() => undefined))
}
