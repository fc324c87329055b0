/** Dimensions of a model: two encoders, a fusion, a prototype head and a decoder of pixels. */
export interface Size {
  readonly width: number
  readonly heads: number
  readonly imageLayers: number
  readonly textLayers: number
  readonly fusionLayers: number
  /** Dimension of the embedding space in which images and texts are compared. */
  readonly embedding: number
  /** Prototype head of SemMIM. */
  readonly space: { readonly hidden: number; readonly projection: number; readonly dimensions: number }
  /** Decoder of masked autoencoders. */
  readonly decoder: { readonly width: number; readonly heads: number; readonly layers: number }
}

/**
 * Named sizes; `base` has the encoders of ALBEF (ViT-B/16 and half of BERT-base) and MAE's decoder, the others are for a single
 * machine.
 */
export const sizes = {
  tiny: {
    width: 64,
    heads: 2,
    imageLayers: 2,
    textLayers: 1,
    fusionLayers: 1,
    embedding: 32,
    space: { hidden: 128, projection: 32, dimensions: 64 },
    decoder: { width: 32, heads: 2, layers: 1 }
  },
  mini: {
    width: 128,
    heads: 4,
    imageLayers: 3,
    textLayers: 1,
    fusionLayers: 1,
    embedding: 128,
    space: { hidden: 256, projection: 64, dimensions: 256 },
    decoder: { width: 64, heads: 4, layers: 2 }
  },
  small: {
    width: 192,
    heads: 3,
    imageLayers: 6,
    textLayers: 3,
    fusionLayers: 3,
    embedding: 128,
    space: { hidden: 512, projection: 256, dimensions: 1024 },
    decoder: { width: 96, heads: 3, layers: 2 }
  },
  medium: {
    width: 384,
    heads: 6,
    imageLayers: 12,
    textLayers: 6,
    fusionLayers: 6,
    embedding: 256,
    space: { hidden: 1024, projection: 256, dimensions: 4096 },
    decoder: { width: 192, heads: 6, layers: 4 }
  },
  base: {
    width: 768,
    heads: 12,
    imageLayers: 12,
    textLayers: 6,
    fusionLayers: 6,
    embedding: 256,
    space: { hidden: 2048, projection: 256, dimensions: 8192 },
    decoder: { width: 512, heads: 16, layers: 8 }
  }
} as const satisfies { readonly [name: string]: Size }
