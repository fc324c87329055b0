import type { ReadIssue } from "../data/read-issues.ts"
import type { Credit } from "../data/source.ts"
import type { ShardFacts } from "./shard-facts.ts"
import type { Spread } from "./spread.ts"
import type { Counted } from "./tally.ts"

/** A sample to show: its image and its texts. */
export interface ShownSample {
  readonly id: string
  readonly captions: readonly string[]
  readonly label?: string
  /** Its image, where it has one, as a data URI; format and size are the original's. */
  readonly image?: { readonly format: string; readonly width: number; readonly height: number; readonly uri: string }
}

/** A fault: its place (a file or a sample's id) and a description. */
export interface Fault {
  readonly where: string
  readonly what: string
}

/** Description of the content of a source. */
export interface Inspection {
  readonly name: string
  readonly digest: string
  /** Number of samples, and of those that were read; everything below is about the latter. */
  readonly count: number
  readonly looked: number
  /** The fields of its samples, `image (bytes), captions (strings)`. */
  readonly fields: string
  /** Number of groups of samples that count as the same. */
  readonly groups: number
  readonly images: {
    readonly usable: number
    readonly formats: readonly Counted[]
    readonly sizes: readonly Counted[]
    readonly width?: Spread
    readonly height?: Spread
    readonly aspect?: Spread
    readonly bytes?: Spread
    /** Number of images that their EXIF orientation rotates. */
    readonly turned: number
    /** Of `--lint`: images that a strict decoder warns about, and the first ones. They are used like any other. */
    readonly tolerated: { readonly count: number; readonly examples: readonly string[] }
  }
  readonly captions: {
    readonly count: number
    readonly distinct: number
    readonly perImage?: Spread
    readonly characters?: Spread
    readonly words?: Spread
    readonly languages: readonly Counted[]
  }
  /** The classes of samples that have a label. */
  readonly labels: readonly Counted[]
  readonly duplicates: {
    /** Number of images with the same bytes as that of an earlier sample. */
    readonly images: number
    readonly examples: ReadonlyArray<readonly [id: string, first: string]>
    /**
     * Of those, images whose group differs from that of the earlier sample: they count as one image nevertheless, or as separate
     * ones.
     */
    readonly otherGroups: number
    readonly countAsOne: boolean
  }
  readonly failures: readonly Counted[]
  /** Entries that were left out, are doubtful or were ignored when the source was opened, by reason. */
  readonly issues: readonly ReadIssue[]
  /** Facts in the files of a shard set. */
  readonly shards?: ShardFacts
  /** Faults found by `--lint`. */
  readonly faults?: readonly Fault[]
  readonly samples: readonly ShownSample[]
  readonly credits: readonly Credit[]
}
