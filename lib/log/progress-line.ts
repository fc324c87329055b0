import { duration } from "./duration.ts"
import { figure } from "./figure.ts"

/** Progress of a task. */
export interface ProgressState {
  /** Name of the task: `train`, `prepare tokenize`. */
  readonly label: string
  readonly done: number
  /** `undefined` where the end is not known. */
  readonly total?: number | undefined
  /** Seconds since this process began. */
  readonly elapsed: number
  /** Value of `done` when this process began; a resumed run does not count earlier work in its rate. */
  readonly from?: number
  /** Named values, in the order shown: the loss, the learning rate. */
  readonly figures?: Readonly<Record<string, number>>
  /** Unit of the count, for the rate: `step`, `sample`. */
  readonly unit: string
}

const rateOf = ({ done, from = 0, elapsed }: ProgressState): number => (elapsed > 0 ? (done - from) / elapsed : 0)

/** Facts of a line, most important first: from the last on, each may be dropped to fit the width. */
const facts = (state: ProgressState): ReadonlyArray<string> => {
  const { done, total, unit, elapsed, figures = {} } = state
  const rate = rateOf(state)
  const count = total === undefined ? `${done}` : `${done}/${total}`
  const speed = rate === 0 ? [] : rate >= 1 ? [`${figure(rate)} ${unit}/s`] : [`${duration(1 / rate)}/${unit}`]
  const left = total === undefined || rate === 0 || done >= total ? [] : [`eta ${duration((total - done) / rate)}`]
  const over = total !== undefined && done >= total ? [`in ${duration(elapsed)}`] : []
  return [count, ...left, ...over, ...Object.entries(figures).map(([name, value]) => `${name} ${figure(value)}`), ...speed]
}

const widestBar = 24

const bar = (fraction: number, width: number): string => {
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * width)
  return `[${"#".repeat(filled)}${"-".repeat(width - filled)}]`
}

/**
 * Formats one line of progress, of at most `width` characters, plain ASCII where the label is: label, bar, count, time left,
 * figures, rate. To fit the width the bar shrinks first, then facts are dropped, the last first; the label and the count stay,
 * truncated if necessary.
 */
export const line = (state: ProgressState, width: number): string => {
  const { label, done, total } = state
  let kept = facts(state)
  const joined = () => `${label} ${kept.join("  ")}`
  while (kept.length > 1 && joined().length > width) kept = kept.slice(0, -1)
  const room = Math.min(widestBar, width - joined().length - 3)
  if (total === undefined || total <= 0 || room < 5) return joined().slice(0, Math.max(0, width))
  return `${label} ${bar(done / total, room)} ${kept.join("  ")}`
}

/** Formats the same facts as a line of a log: no bar, nothing dropped, a percentage where the end is known. */
export const plainLine = (state: ProgressState): string => {
  const { label, done, total } = state
  const [count, ...rest] = facts(state)
  const percent = total === undefined || total <= 0 ? "" : ` (${Math.floor((100 * done) / total)}%)`
  return [`${label} ${count}${percent}`, ...rest].join("  ")
}
