import { formatLine, type MetricsLine } from "../../run-folder/metrics.ts"

/** Parses the lines of one replica's metrics file. */
export const parseMetrics = (text: string): readonly MetricsLine[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): MetricsLine => JSON.parse(line))

const added = new Set(["samplesPerSecond"])

/**
 * Combines replicas' metrics into those of one run: for each step the mean over replicas, and the sum of their samples per
 * second.
 */
export const meanMetrics = (replicas: readonly (readonly MetricsLine[])[]): string => {
  const steps = [...new Set(replicas.flatMap((lines) => lines.map(({ step }) => step)))].sort((a, b) => a - b)
  return steps
    .map((step) => {
      const lines = replicas.flatMap((each) => each.filter((line) => line.step === step))
      const names = Object.keys(lines[0]!)
      const values = names.map((name) => {
        const sum = lines.reduce((total, line) => total + (line[name] ?? Number.NaN), 0)
        return [name, added.has(name) ? sum : sum / lines.length] as const
      })
      const line = { ...(Object.fromEntries(values) as unknown as MetricsLine), step, epoch: lines[0]!.epoch } // the names of the first line
      return formatLine(line)
    })
    .join("")
}
