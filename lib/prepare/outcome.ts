import { valueTexts } from "../data/sample-value.ts"
import type { StoredImage } from "./store-image.ts"

/** Token ids of every caption, by the identity of the stage that made them; or whatever else a stage keeps. */
export interface KeptHalves {
  readonly [stage: string]: unknown
}

/** Width and height of the original, upright, in pixels. */
export interface OriginalSize {
  readonly width: number
  readonly height: number
}

/** An image of a sample that goes into a shard. */
export interface KeptImage {
  /** The field that it is. */
  readonly field: string
  readonly image: StoredImage
  readonly original: OriginalSize
  /** SHA-256 of the image as the source has it. */
  readonly sha256: string
}

/** A sample that goes into a shard. */
export interface KeptSample {
  readonly status: "success"
  readonly index: number
  readonly id: string
  readonly group: number
  /** The values of the fields that are no images. */
  readonly values: { readonly [field: string]: unknown }
  /** In the order of the fields. */
  readonly images: readonly KeptImage[]
  /** The digest of all that the source says of the sample (`sample-input.ts`). */
  readonly input: string
  readonly kept: KeptHalves
}

/** A sample that does not: it could not be used, a filter left it out, or it is the same as an earlier one. */
export interface LeftOut {
  readonly status: "failed" | "filtered" | "duplicate"
  readonly index: number
  readonly id: string
  /** Never has a caption in it. */
  readonly reason: string
  readonly original?: OriginalSize
  readonly sha256?: string
  readonly input: string
}

/** What becomes of one sample of the source. */
export type Outcome = KeptSample | LeftOut

/** A sample's key: its index in the source, in nine digits and more if need be. */
export const keyOf = (index: number): string => String(index).padStart(9, "0")

/** All texts of a sample: those of its fields, in their order. */
export const textsOf = ({ values }: Pick<KeptSample, "values">): readonly string[] => Object.values(values).flatMap(valueTexts)
