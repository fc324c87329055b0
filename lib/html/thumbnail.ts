import { Effect } from "effect"
import { decodeGuarded } from "../data/decode-guarded.ts"
import { guardImage, imageLimits } from "../data/image-guard.ts"

const side = 160
const limits = { ...imageLimits, animated: "first-frame", maxPixels: 2 ** 26 } as const

/**
 * Encodes a small PNG of an image as a data URI; undefined for one that cannot be decoded. `square` scales it to a square, as for
 * cutting patches; otherwise the aspect ratio is kept. Small images are not enlarged. None of the image's metadata is included.
 */
export const thumbnail = (image: Uint8Array, square: boolean): Effect.Effect<string | undefined> =>
  guardImage("thumbnail", image, limits).pipe(
    Effect.flatMap((guarded) =>
      decodeGuarded("thumbnail", guarded, limits, {
        autoOrient: true,
        make: (opened) =>
          opened
            .resize(side, side, { fit: square ? "fill" : "inside", withoutEnlargement: true })
            .png({ palette: true })
            .toBuffer()
      })
    ),
    Effect.map(({ made }) => `data:image/png;base64,${made.toString("base64")}`),
    Effect.orElseSucceed(() => undefined)
  )
