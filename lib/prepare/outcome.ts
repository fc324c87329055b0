import { valueTexts } from "../data/sample-value.ts"
import type { StoredImage } from "./store-image.ts"

/** Token ids of every caption, or other preprocessing that a stage stores in shards, by the identity of the stage. */
export interface KeptHalves {
  readonly [stage: string]: unknown
}

/** Width and height of the original, upright, in pixels. */
export interface OriginalSize {
  readonly width: number
  readonly height: number
}

/** An image of a sample that is written to a shard. */
export interface KeptImage {
  /** Its field. */
  readonly field: string
  readonly image: StoredImage
  readonly original: OriginalSize
  /** SHA-256 of the image in the source. */
  readonly sha256: string
}

/** A sample that is written to a shard. */
export interface KeptSample {
  readonly status: "success"
  readonly index: number
  readonly id: string
  readonly group: number
  /** The values of the fields other than images. */
  readonly values: { readonly [field: string]: unknown }
  /** In the order of the fields. */
  readonly images: readonly KeptImage[]
  /** The digest of everything about the sample in the source (`sample-input.ts`). */
  readonly input: string
  readonly kept: KeptHalves
}

/** A sample that is left out: it cannot be used, is excluded by a filter, or is a duplicate of an earlier one. */
export interface LeftOut {
  readonly status: "failed" | "filtered" | "duplicate"
  readonly index: number
  readonly id: string
  /** The reason; it never contains a caption. */
  readonly reason: string
  readonly original?: OriginalSize
  readonly sha256?: string
  readonly input: string
}

/** Result of preparing one sample of the source. */
export type Outcome = KeptSample | LeftOut

/** Returns a sample's key: its index in the source, in nine digits or more. */
export const keyOf = (index: number): string => String(index).padStart(9, "0")

/** Returns all texts of a sample: those of its fields, in their order. */
export const textsOf = ({ values }: Pick<KeptSample, "values">): readonly string[] => Object.values(values).flatMap(valueTexts)
