import { integers } from "../../../lib/random/integers.ts"
import { key } from "../../../lib/random/key.ts"
import type { RawPicture } from "../../../stages/patchify/raw-picture.ts"

/** A picture of random values, the same every time. */
export const noise = (width: number, height: number, seed = 1): RawPicture => ({
  width,
  height,
  data: Uint8Array.from(integers(key(seed), width * height * 3, 0, 256))
})
