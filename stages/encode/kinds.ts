import { bert, bertSpecs } from "./bert.ts"
import type { ImageEncoder, TextEncoder } from "./encoder-kind.ts"
import { maskTokenSpecs, vit, vitSpecs } from "./vit.ts"

/** Ways to encode images, by name; `vit` where a model says none. */
export const imageKinds = {
  vit: { parameters: vitSpecs, maskParameters: maskTokenSpecs, encode: vit }
} as const satisfies { readonly [name: string]: ImageEncoder }

/** Ways to encode texts, by name; `bert` where a model says none. */
export const textKinds = {
  bert: { parameters: bertSpecs, encode: bert }
} as const satisfies { readonly [name: string]: TextEncoder }
