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

/** Something wrong: where (a file or a sample's id) and what. */
export interface Fault {
  readonly where: string
  readonly what: string
}

/** What is in a source. */
export interface Inspection {
  readonly name: string
  readonly digest: string
  /** Samples, and how many of them were looked at; all that follows is of those. */
  readonly count: number
  readonly looked: number
  /** The fields of its samples, `image (bytes), captions (strings)`. */
  readonly fields: string
  /** Groups of samples that count as the same. */
  readonly groups: number
  readonly images: {
    readonly usable: number
    readonly formats: readonly Counted[]
    readonly sizes: readonly Counted[]
    readonly width?: Spread
    readonly height?: Spread
    readonly aspect?: Spread
    readonly bytes?: Spread
    /** Images that their EXIF orientation turns. */
    readonly turned: number
    /** Of `--lint`: images that a strict decoder warns about, and the first ones. They are used as any other. */
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
    /** Images whose very bytes another sample before has. */
    readonly images: number
    readonly examples: ReadonlyArray<readonly [id: string, first: string]>
    /** Of those, images whose group is another one than that of the sample before: they count as one image all the same, or apart. */
    readonly otherGroups: number
    readonly countAsOne: boolean
  }
  readonly failures: readonly Counted[]
  /** What was left out, is doubtful or was ignored when the source was opened, by reason. */
  readonly issues: readonly ReadIssue[]
  /** What a shard set says of itself. */
  readonly shards?: ShardFacts
  /** Of `--lint`. */
  readonly faults?: readonly Fault[]
  readonly samples: readonly ShownSample[]
  readonly credits: readonly Credit[]
}
