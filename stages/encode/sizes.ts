/** What fixes the shapes of a model of two encoders, a fusion and a semantic space. */
export interface Size {
  readonly width: number
  readonly heads: number
  readonly imageLayers: number
  readonly textLayers: number
  readonly fusionLayers: number
  /** Width of the space in which images and texts are compared. */
  readonly embedding: number
  /** The semantic space of SemMIM. */
  readonly space: { readonly hidden: number; readonly projection: number; readonly dimensions: number }
}

/** The named sizes; `base` has the encoders of ALBEF (ViT-B/16 and half of BERT-base), the others are for one machine. */
export const sizes = {
  tiny: {
    width: 64,
    heads: 2,
    imageLayers: 2,
    textLayers: 1,
    fusionLayers: 1,
    embedding: 32,
    space: { hidden: 128, projection: 32, dimensions: 64 }
  },
  mini: {
    width: 128,
    heads: 4,
    imageLayers: 3,
    textLayers: 1,
    fusionLayers: 1,
    embedding: 128,
    space: { hidden: 256, projection: 64, dimensions: 256 }
  },
  small: {
    width: 192,
    heads: 3,
    imageLayers: 6,
    textLayers: 3,
    fusionLayers: 3,
    embedding: 128,
    space: { hidden: 512, projection: 256, dimensions: 1024 }
  },
  medium: {
    width: 384,
    heads: 6,
    imageLayers: 12,
    textLayers: 6,
    fusionLayers: 6,
    embedding: 256,
    space: { hidden: 1024, projection: 256, dimensions: 4096 }
  },
  base: {
    width: 768,
    heads: 12,
    imageLayers: 12,
    textLayers: 6,
    fusionLayers: 6,
    embedding: 256,
    space: { hidden: 2048, projection: 256, dimensions: 8192 }
  }
} as const satisfies { readonly [name: string]: Size }
