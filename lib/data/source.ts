import { hash } from "node:crypto"
import { Effect } from "effect"
import type { SampleError } from "../pipeline/errors.ts"
import { type PairValues, pairValues } from "../pipeline/samples.ts"
import type { Blocks } from "../random/block-order.ts"
import type { Fields, HostValues } from "../tensor/field.ts"
import type { ReadIssue } from "./read-issues.ts"
import type { ReadListMap } from "./sources/read-lists.ts"

/** Members of every sample beside the values of its fields. */
export type SampleName = {
  /** Unique in the source; keys every random draw of the sample. */
  readonly id: string
  /** Shared by the samples that are positives of each other; ≥ 0 and below 2^31. */
  readonly group: number
}

/**
 * One sample before any stage: its name and the values of its fields; a pair by default. All values are untrusted: `bytes` are an
 * encoded image (JPEG, PNG or WebP), `strings` at least one text, the first of which is used where one is needed.
 */
export type RawSample<F extends Fields = PairValues> = SampleName & HostValues<F>

/** Author and licence of a source, for reports and the README. */
export interface Credit {
  readonly name: string
  readonly author: string
  /** SPDX licence identifier. */
  readonly licence: string
  readonly url: string
}

/**
 * A finite list of samples with some fields (pairs by default), which can be read one by one, in any order and from any fiber.
 */
export interface Source<F extends Fields = PairValues> {
  /** Name that the user gives it: `embedded:emoji`, or a path. */
  readonly name: string
  readonly count: number
  /** The fields of its samples beside `id` and `group`; absent for pairs. */
  readonly fields?: F
  /** SHA-256 of everything that determines the list of samples (settings and list, not the images of a folder). */
  readonly digest: string
  readonly credits: readonly Credit[]
  /** Entries that were left out, are doubtful or were ignored when it was opened, by reason. */
  readonly issues: readonly ReadIssue[]
  /**
   * Issues found so far in samples that were read, for sources that read texts only then: these samples are used nevertheless.
   */
  readonly found?: () => readonly ReadIssue[]
  /** Returns the id of sample `index`, without reading it. */
  id(index: number): string
  /** Returns the group of sample `index`, without reading it. */
  group(index: number): number
  /** Returns the texts in a field of sample `index`, without reading its image; none where the field has no texts. */
  texts(index: number, field: string): Effect.Effect<readonly string[], SampleError>
  /** Reads sample `index` in [0, count); one that cannot be read is a `SampleError`. */
  sample(index: number): Effect.Effect<RawSample<F>, SampleError>
  /**
   * Returns the SHA-256 of everything that determines sample `index`: the input digest of cache keys. Cheaper than `sample` where
   * possible.
   */
  sampleDigest(index: number): Effect.Effect<string, SampleError>
  /**
   * Criterion by which samples are of one image, beyond `group`: `content` (the default), equal content of their images;
   * `sample`, each is an image of its own. Where every image is read anyway (evaluation, `prepare`), groups with an image in
   * common are one.
   */
  readonly groupBy?: "content" | "sample"
  /** The digest of the source whose images these are re-encodings of, under the same ids; "" where that is not recorded. */
  readonly madeFrom?: string
  /** Blocks of samples that are cheaper to read together: the order of training is by blocks where a source has them. */
  readonly blocks?: Blocks
  /** Lists from which it was read, by name: another thread opens it with these instead of reading them again. */
  readonly lists?: ReadListMap
}

/** Returns the SHA-256, in hexadecimal, of a JSON value; the order of an object's keys matters. */
export const jsonDigest = (value: unknown): string => hash("sha256", JSON.stringify(value))

/** Returns the source with the type of fields that its samples are known to have: the compiler cannot follow a check of `fields`. */
export const typedSource = <F extends Fields = PairValues>(source: Source<Fields>): Source<F> => source as unknown as Source<F>

/** Returns the fields of a source's samples beside `id` and `group`. */
export const fieldsOf = <F extends Fields>(source: Pick<Source<F>, "fields">): F => source.fields ?? (pairValues as unknown as F)

/** Returns the SHA-256, in hexadecimal, of an image's bytes and its captions. */
export const contentDigest = (image: Uint8Array, captions: readonly string[]): string =>
  jsonDigest([hash("sha256", image), captions])

/** Returns `texts` of a source that has texts in one field. */
export const textsIn =
  <E>(name: string, read: (index: number) => Effect.Effect<readonly string[], E>) =>
  (index: number, field: string): Effect.Effect<readonly string[], E> =>
    field === name ? read(index) : Effect.succeed([])
