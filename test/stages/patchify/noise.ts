import { integers } from "../../../lib/random/integers.ts"
import { key } from "../../../lib/random/key.ts"
import type { RawImage } from "../../../stages/patchify/raw-image.ts"

/** An image of random values, the same every time. */
export const noise = (width: number, height: number, seed = 1): RawImage => ({
  width,
  height,
  data: Uint8Array.from(integers(key(seed), width * height * 3, 0, 256))
})
