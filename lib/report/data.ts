import type { ReasonKind } from "../data/bad-samples.ts"
import type { Credit } from "../data/source.ts"
import type { Markup } from "../html/markup.ts"
import type { MetricsLine } from "../run-folder/metrics.ts"
import type { Figure } from "../task/task.ts"

/** Grid of an image's patches, row by row. */
export interface Grid {
  readonly rows: number
  readonly columns: number
}

/** An image with the patches that each strategy masks: 1 for masked, in row order. */
export interface MaskExample {
  readonly id: string
  readonly caption: string
  /** A data URI. */
  readonly image: string
  readonly grid: Grid
  readonly masks: readonly { readonly name: string; readonly hidden: ArrayLike<number> }[]
  /** Frequency with which each patch is masked over many draws of the first strategy, in [0, 1]. */
  readonly frequency: ArrayLike<number>
}

/** An image with the attention of each word of its caption; weights are per patch and ≥ 0. */
export interface AttentionExample {
  readonly id: string
  readonly caption: string
  readonly image: string
  readonly grid: Grid
  readonly words: readonly { readonly word: string; readonly weights: ArrayLike<number> }[]
}

/** Rows of a two-column table: name and value. */
export type Pairs = readonly (readonly [string, string])[]

/** Result of a task: its headline numbers and its section, or the reason why it could not be evaluated. */
export type TaskReport =
  | { readonly task: string; readonly figures: readonly Figure[]; readonly section: Markup }
  | { readonly task: string; readonly failed: string }

/** Content of a report. */
export interface ReportData {
  readonly pipeline: string
  readonly digest: string
  readonly step: number
  readonly steps: number
  /** Lines of metrics.jsonl. */
  readonly metrics: readonly MetricsLine[]
  /** Number K of prototypes: the uniform distribution over them has entropy ln K. */
  readonly prototypes: number | undefined
  readonly tasks: readonly TaskReport[]
  readonly masks: readonly MaskExample[]
  readonly attention: readonly AttentionExample[]
  readonly settings: Pairs
  readonly environment: Pairs
  readonly credits: readonly Credit[]
  /** Samples that training could not use, by kind of reason. */
  readonly skipped?: readonly ReasonKind[]
}
