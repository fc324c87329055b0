import type { Codec } from "../../lib/pipeline/stage.ts"
import { decodeRawImage, encodeRawImage, type RawImage } from "./raw-image.ts"

/** An image as it is cached between epochs; `mirrorable` is false where its captions forbid mirroring. */
export interface PreparedImage {
  readonly image: RawImage
  readonly mirrorable: boolean
}

/** One byte, 1 for mirrorable, then the image. */
export const preparedImage: Codec<PreparedImage> = {
  encode: ({ image, mirrorable }) => {
    const encoded = encodeRawImage(image)
    const bytes = new Uint8Array(1 + encoded.length)
    bytes[0] = mirrorable ? 1 : 0
    bytes.set(encoded, 1)
    return bytes
  },
  decode: (bytes) => ({ image: decodeRawImage(bytes.subarray(1)), mirrorable: bytes[0] === 1 })
}
