import { join } from "node:path"
import { Effect, FileSystem } from "effect"
import { writeAtomically } from "../store/atomic.ts"
import { StoreError, storeError } from "../store/store-error.ts"

/** One line of metrics.jsonl: the columns of design.md §6, then all other values that the stages log. */
export interface MetricsLine {
  readonly step: number
  readonly epoch: number
  readonly lr: number
  readonly loss: number
  readonly samplesPerSecond: number
  readonly stepSeconds: number
  readonly dataSeconds: number
  readonly [name: string]: number
}

/** Path of a run's metrics. */
export const metricsFile = (run: string): string => join(run, "metrics.jsonl")

/** Formats a line: numbers to 7 digits, non-finite values as null (JSON has no NaN). */
export const formatLine = (line: MetricsLine): string =>
  `${JSON.stringify(line, (_, value) => (typeof value === "number" ? (Number.isFinite(value) ? Number(value.toPrecision(7)) : null) : value))}\n`

/** Reads the lines of a run so far; an incomplete last line (of a killed run) is omitted. */
export const readMetrics = Effect.fn("train.readMetrics")(function* (run: string) {
  const fs = yield* FileSystem.FileSystem
  const path = metricsFile(run)
  if (!(yield* fs.exists(path).pipe(Effect.mapError(storeError(path))))) return []
  const text = yield* fs.readFileString(path).pipe(Effect.mapError(storeError(path)))
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n")
  return yield* Effect.forEach(
    [...lines.entries()].filter(([, line]) => line !== ""),
    ([index, line]) =>
      Effect.try({
        try: (): MetricsLine => JSON.parse(line),
        catch: () => new StoreError({ path, reason: `line ${index + 1} is not JSON` })
      })
  )
})

/** Removes the lines after a step, so that a resumed run writes each step once. */
export const truncateMetrics = Effect.fn("train.truncateMetrics")(function* (run: string, step: number) {
  const kept = (yield* readMetrics(run)).filter((line) => line.step <= step)
  yield* writeAtomically(metricsFile(run), kept.map(formatLine).join(""))
})

/** Appends a line. */
export const appendMetrics = Effect.fn("train.appendMetrics")(function* (run: string, line: MetricsLine) {
  const fs = yield* FileSystem.FileSystem
  const path = metricsFile(run)
  yield* fs.writeFileString(path, formatLine(line), { flag: "a" }).pipe(Effect.mapError(storeError(path)))
})
