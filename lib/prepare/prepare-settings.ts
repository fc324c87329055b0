import { type ImageLimits, imageLimits } from "../data/image-guard.ts"
import { defaultTransform, type Transform } from "../data/turbo-jpeg.ts"

/** Ways to store an image: scaled to a shorter side, that and its central square, or its bytes unchanged. */
export const resizeModes = ["keep-ratio", "center-crop", "none"] as const
export type ResizeMode = (typeof resizeModes)[number]

/** Criteria for duplicates: none, images with the same bytes, or also images that look alike. */
export const dedupeModes = ["none", "exact", "perceptual"] as const
export type DedupeMode = (typeof dedupeModes)[number]

/** Filters by which samples are left out. */
export interface Filters {
  /** Minimum of the original's shorter side, in pixels. */
  readonly minSize: number
  /** Maximum number of pixels of the original; `null` for no limit. */
  readonly maxArea: number | null
  /** Maximum ratio of the longer side to the shorter one; `null` for no limit. */
  readonly maxAspect: number | null
  /** Languages of the captions that are kept (ISO 639-1); an empty list keeps all. */
  readonly languages: readonly string[]
}

/** A part of the samples that is written to a folder of its own. */
export interface Split {
  readonly name: string
  /** Fraction of all samples, from 0 to 1. */
  readonly fraction: number
}

/** Settings that, with the pipeline's host stages and the source, determine the shards. */
export interface PrepareSettings {
  readonly resize: ResizeMode
  /** The shorter side of a stored image, in pixels; smaller images are not enlarged. */
  readonly size: number
  /** Quality of the stored JPEG, 1 to 100. */
  readonly quality: number
  /** Transform with which JPEGs are decoded and stored whose header shows that they need no rotation or conversion. */
  readonly transform: Transform
  readonly filters: Filters
  readonly dedupe: DedupeMode
  readonly splits: readonly Split[]
  /** Number of source samples that a shard covers. */
  readonly shardSize: number
  readonly limits: ImageLimits
}

export const prepareDefaults: PrepareSettings = {
  resize: "keep-ratio",
  size: 256,
  quality: 95,
  transform: defaultTransform,
  filters: { minSize: 0, maxArea: null, maxAspect: null, languages: [] },
  dedupe: "none",
  splits: [],
  shardSize: 1000,
  limits: imageLimits
}

/** Version of the stored bytes: incremented whenever the same settings produce other bytes. */
export const prepareVersion = 3

/** True where samples must be read twice: first to find out which are alike. */
export const needsFingerprints = ({ dedupe, splits }: PrepareSettings): boolean => dedupe !== "none" || splits.length > 0

/**
 * True where samples are compared by perceptual hash and not only by bytes: always where splits must not share near-duplicates.
 */
export const looksCount = ({ dedupe, splits }: PrepareSettings): boolean => dedupe === "perceptual" || splits.length > 0
