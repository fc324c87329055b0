import { type ImageLimits, imageLimits } from "../data/image-guard.ts"
import { defaultTransform, type Transform } from "../data/turbo-jpeg.ts"

/** How an image is stored: scaled to a shorter side, or that and its middle square, or its bytes as they are. */
export const resizeModes = ["keep-ratio", "center-crop", "none"] as const
export type ResizeMode = (typeof resizeModes)[number]

/** Which samples count as the same: none, those whose image has the same bytes, or also those that look alike. */
export const dedupeModes = ["none", "exact", "perceptual"] as const
export type DedupeMode = (typeof dedupeModes)[number]

/** Which samples are left out. */
export interface Filters {
  /** The least shorter side of the original, in pixels. */
  readonly minSize: number
  /** The most pixels of the original; `null` for any. */
  readonly maxArea: number | null
  /** The most that the longer side may be of the shorter one; `null` for any. */
  readonly maxAspect: number | null
  /** Languages of the captions that are kept (ISO 639-1); none named keeps all. */
  readonly languages: readonly string[]
}

/** A part of the samples that is written to a folder of its own. */
export interface Split {
  readonly name: string
  /** Of all samples, from 0 to 1. */
  readonly fraction: number
}

/** All that shards are a function of, besides the pipeline's host stages and the source. */
export interface PrepareSettings {
  readonly resize: ResizeMode
  /** The shorter side of a stored image, in pixels; smaller images are not enlarged. */
  readonly size: number
  /** Of the stored JPEG, 1 to 100. */
  readonly quality: number
  /** How JPEGs whose header shows that nothing need be turned or converted are decoded and stored. */
  readonly transform: Transform
  readonly filters: Filters
  readonly dedupe: DedupeMode
  readonly splits: readonly Split[]
  /** Source samples that a shard covers. */
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

/** Raised whenever the same settings make other bytes. */
export const prepareVersion = 3

/** Whether samples must be looked at twice: first to tell which are alike. */
export const needsFingerprints = ({ dedupe, splits }: PrepareSettings): boolean => dedupe !== "none" || splits.length > 0

/** Whether being alike is told by looks and not only by bytes: always where splits must not share near-duplicates. */
export const looksCount = ({ dedupe, splits }: PrepareSettings): boolean => dedupe === "perceptual" || splits.length > 0
