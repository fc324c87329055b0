import { bicubic } from "./bicubic.ts"
import type { Weight } from "./hugging-face.ts"

const side = (patches: number): number | undefined => {
  const found = Math.round(Math.sqrt(patches))
  return found * found === patches ? found : undefined
}

/**
 * Resizes position embeddings [1, N + 1, D] of a square grid to another number of patches: the grid is resized bicubically,
 * [CLS]'s own position is kept. Undefined where either number of patches makes no square.
 */
export const resizeImagePositions = ({ shape, data }: Weight, patches: number): Weight | undefined => {
  const width = shape[2]!
  const old = side(shape[1]! - 1)
  const size = side(patches)
  if (old === undefined || size === undefined) return undefined
  if (old === size) return { shape, data }
  const out = new Float32Array((patches + 1) * width)
  out.set(data.subarray(0, width))
  out.set(bicubic({ rows: old, columns: old, width, data: data.subarray(width) }, size, size), width)
  return { shape: [1, patches + 1, width], data: out }
}

/** Returns the first rows of text positions [M, D]; undefined where there are fewer than requested. */
export const cutTextPositions = ({ shape, data }: Weight, positions: number): Weight | undefined =>
  positions > shape[0]! ? undefined : { shape: [positions, shape[1]!], data: data.subarray(0, positions * shape[1]!) }
