import type { Weight } from "./hugging-face.ts"
import { cutTextPositions, resizeImagePositions } from "./resize-positions.ts"

/** Returns a parameter in another shape: unchanged, or resized position embeddings; undefined where neither is possible. */
export const fitPositions = (name: string, weight: Weight, shape: readonly number[]): Weight | undefined => {
  if (`${weight.shape}` === `${shape}`) return weight
  if (weight.shape.length !== shape.length || weight.shape.at(-1) !== shape.at(-1)) return undefined
  if (name.endsWith(".embeddings.position_embeddings") && shape.length === 3) return resizeImagePositions(weight, shape[1]! - 1)
  if (name.endsWith(".embeddings.position_embeddings.weight") && shape.length === 2) return cutTextPositions(weight, shape[0]!)
  return undefined
}
