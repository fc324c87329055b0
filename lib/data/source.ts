import { hash } from "node:crypto"
import type { Effect } from "effect"
import type { SampleError } from "../pipeline/errors.ts"
import type { Blocks } from "../random/block-order.ts"
import type { ReadIssue } from "./read-issues.ts"
import type { ReadList } from "./sources/read-lists.ts"

/** One image with its captions, before any stage. */
export interface RawSample {
  /** Unique in the source; keys every random draw of the sample. */
  readonly id: string
  /** Shared by the samples that are positives of each other; ≥ 0 and below 2^31. */
  readonly group: number
  /** The encoded image: JPEG, PNG or WebP. Untrusted. */
  readonly image: Uint8Array
  /** At least one text; the first is the one that a single caption is taken from. Untrusted. */
  readonly captions: readonly string[]
}

/** Whose work a source is, for reports and the README. */
export interface Credit {
  readonly name: string
  readonly author: string
  /** An SPDX licence identifier. */
  readonly licence: string
  readonly url: string
}

/** A finite list of samples that are read one by one, in any order and from any fiber. */
export interface Source {
  /** What a user calls it: `embedded:emoji`, or a path. */
  readonly name: string
  readonly count: number
  /** SHA-256 of everything that the list of samples is a function of (settings and list, not the images of a folder). */
  readonly digest: string
  readonly credits: readonly Credit[]
  /** What was left out, is doubtful or was ignored when it was opened, by reason. */
  readonly issues: readonly ReadIssue[]
  /** What has been found so far of samples that were read, of sources that read texts only then: those samples are used all the same. */
  readonly found?: () => readonly ReadIssue[]
  /** The id of sample `index`, without reading it. */
  id(index: number): string
  /** The group of sample `index`, without reading it. */
  group(index: number): number
  /** The captions of sample `index`, without its image. */
  captions(index: number): Effect.Effect<readonly string[], SampleError>
  /** Sample `index` in [0, count); one that cannot be read is a `SampleError`. */
  sample(index: number): Effect.Effect<RawSample, SampleError>
  /** SHA-256 of what sample `index` is a function of: the input digest of cache keys. Cheaper than `sample` where it can be. */
  sampleDigest(index: number): Effect.Effect<string, SampleError>
  /**
   * How it is told which samples are of one image, beyond `group`: by the content of their images, unless given; `sample` where each
   * is an image of its own. Where every image is read anyway (evaluation, `prepare`), groups with an image in common are one.
   */
  readonly groupBy?: "content" | "sample"
  /** The digest of the source that its images were encoded anew from, under the same ids; "" where that is not recorded. */
  readonly madeFrom?: string
  /** Samples that are cheaper to read at the same time: the order of training goes by these where a source has them. */
  readonly blocks?: Blocks
  /** Lists that it was read from, by name: what another thread opens it with instead of reading them again. */
  readonly lists?: ReadonlyMap<string, ReadList>
}

/** SHA-256, in hexadecimal, of a value that JSON can say; the order of an object's keys counts. */
export const jsonDigest = (value: unknown): string => hash("sha256", JSON.stringify(value))

/** SHA-256, in hexadecimal, of an image's bytes and its captions. */
export const contentDigest = (image: Uint8Array, captions: readonly string[]): string =>
  jsonDigest([hash("sha256", image), captions])
