import { Schema } from "effect"
import { imageFormats } from "../../lib/data/image-loaders.ts"
import { transforms } from "../../lib/data/turbo-jpeg.ts"
import { count, fraction, natural, positive, setting } from "../../lib/pipeline/settings.ts"
import { cropDefaults } from "./crop.ts"
import { decodeDefaults } from "./decode.ts"
import { halves } from "./patches.ts"
import { type OperationName, operationNames, randAugmentDefaults } from "./rand-augment.ts"

const Crop = Schema.Struct({
  scale: setting(Schema.Tuple([fraction, fraction]), cropDefaults.scale),
  ratio: setting(Schema.Tuple([positive, positive]), cropDefaults.ratio)
})

const byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
const RandAugment = Schema.Struct({
  operations: setting(
    Schema.Array(Schema.Literals(operationNames as unknown as readonly [OperationName, ...OperationName[]])),
    randAugmentDefaults.operations
  ),
  count: setting(natural, randAugmentDefaults.count),
  magnitude: setting(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 10 })), randAugmentDefaults.magnitude),
  probability: setting(fraction, randAugmentDefaults.probability),
  fill: setting(Schema.Tuple([byte, byte, byte]), randAugmentDefaults.fill)
})

/** Settings of the augmentation, which is drawn every epoch. */
export const Augment = Schema.Struct({
  crop: setting(Schema.NullOr(Crop), null),
  flip: setting(fraction, 0),
  operations: setting(Schema.NullOr(RandAugment), null)
})

const Decode = Schema.Struct({
  maxBytes: setting(count, decodeDefaults.maxBytes),
  maxPixels: setting(count, decodeDefaults.maxPixels),
  timeoutSeconds: setting(positive, decodeDefaults.timeoutSeconds),
  animated: setting(Schema.Literals(["refuse", "first-frame"]), decodeDefaults.animated),
  formats: setting(Schema.Array(Schema.Literals(imageFormats)), decodeDefaults.formats),
  transform: setting(Schema.Literals(transforms), decodeDefaults.transform)
})

const triple = Schema.Tuple([Schema.Finite, Schema.Finite, Schema.Finite])

/**
 * Settings of `patchify`: the side of a view and of a patch in pixels, the number of views, and their augmentation. `output` is
 * what the host makes and feeds: normalised float32, or bytes that the compiled program normalises. `kept` is the shorter side of
 * a decoded image in the cache; 0 stands for √2 · size, enough for a crop of half the area. `captions: false` is for images alone, any
 * of which may be mirrored.
 */
export const PatchifySettings = Schema.Struct({
  size: count,
  patch: count,
  views: setting(Schema.Literals([1, 2]), 1),
  /** False for samples without captions; otherwise an image whose captions mention left or right is not mirrored. */
  captions: Schema.optionalKey(Schema.Literal(false)),
  augment: setting(Schema.NullOr(Augment), null),
  interpolation: setting(Schema.Literals(["bicubic", "bilinear"]), "bicubic"),
  normalisation: setting(Schema.Struct({ mean: triple, deviation: triple }), halves),
  output: setting(Schema.Literals(["float32", "uint8"]), "float32"),
  still: setting(Schema.Literals(["whole", "centre"]), "whole"),
  kept: setting(natural, 0),
  decode: setting(Decode, {})
})
export type PatchifySettings = typeof PatchifySettings.Type

/**
 * Augmentation of pre-training (method.md §7): a crop of half the image or more, a flip with probability ½, RandAugment without
 * colours.
 */
export const pretraining: typeof Augment.Encoded = { crop: {}, flip: 0.5, operations: {} }

/** A flip and a crop only: for small images whose details carry the meaning. */
export const gentle: typeof Augment.Encoded = { crop: {}, flip: 0.5 }
