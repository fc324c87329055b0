import type { ReasonKind } from "../data/bad-samples.ts"
import type { Credit } from "../data/source.ts"
import type { Markup } from "../html/markup.ts"
import type { MetricsLine } from "../run-folder/metrics.ts"
import type { Figure } from "../task/task.ts"

/** How an image is cut into patches, row by row. */
export interface Grid {
  readonly rows: number
  readonly columns: number
}

/** One image with the patches that each strategy hides: 1 for hidden, in row order. */
export interface MaskExample {
  readonly id: string
  readonly caption: string
  /** A data URI. */
  readonly image: string
  readonly grid: Grid
  readonly masks: readonly { readonly name: string; readonly hidden: ArrayLike<number> }[]
  /** In which share of many draws of the first strategy each patch is hidden. */
  readonly frequency: ArrayLike<number>
}

/** One image with what each word of its caption attends to; weights are per patch and ≥ 0. */
export interface AttentionExample {
  readonly id: string
  readonly caption: string
  readonly image: string
  readonly grid: Grid
  readonly words: readonly { readonly word: string; readonly weights: ArrayLike<number> }[]
}

/** Rows of a two-column table: what, and its value. */
export type Pairs = readonly (readonly [string, string])[]

/** What became of a task: its first numbers and its section, or why it could not be measured. */
export type TaskReport =
  | { readonly task: string; readonly figures: readonly Figure[]; readonly section: Markup }
  | { readonly task: string; readonly failed: string }

/** Everything a report shows. */
export interface ReportData {
  readonly pipeline: string
  readonly digest: string
  readonly step: number
  readonly steps: number
  /** Lines of metrics.jsonl. */
  readonly metrics: readonly MetricsLine[]
  /** Size K of the semantic space: its uniform distribution has entropy ln K. */
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
