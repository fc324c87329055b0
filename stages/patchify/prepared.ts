import type { Codec } from "../../lib/pipeline/stage.ts"
import { decodeRawPicture, encodeRawPicture, type RawPicture } from "./raw-picture.ts"

/** A picture as it is kept between epochs, and whether its captions allow mirroring it. */
export interface PreparedPicture {
  readonly picture: RawPicture
  readonly mirrorable: boolean
}

/** One byte, 1 for mirrorable, then the picture. */
export const preparedPicture: Codec<PreparedPicture> = {
  encode: ({ picture, mirrorable }) => {
    const encoded = encodeRawPicture(picture)
    const bytes = new Uint8Array(1 + encoded.length)
    bytes[0] = mirrorable ? 1 : 0
    bytes.set(encoded, 1)
    return bytes
  },
  decode: (bytes) => ({ picture: decodeRawPicture(bytes.subarray(1)), mirrorable: bytes[0] === 1 })
}
