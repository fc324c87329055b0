import { type ReadIssue, readIssues } from "../read-issues.ts"
import type { FileCaptions, FoundCaptions } from "./caption-files.ts"

/**
 * Collects issues with samples that are used nevertheless, while their texts are read: once per sample, even if it is read
 * repeatedly.
 */
export const foundIssues = (idOf: (index: number) => string) => {
  const found = new Map<number, Pick<FoundCaptions, "faults" | "notes">>()
  return {
    /** Records the issues of a sample that was read. One without captions is a `SampleError` with the reason. */
    see: (index: number, read: FileCaptions): void => {
      if ("reason" in read || read.captions.length === 0 || read.faults.length + read.notes.length === 0) return
      found.set(index, { faults: read.faults, notes: read.notes })
    },
    /** Returns the issues in the order of samples, whichever was read first. */
    all: (): readonly ReadIssue[] => {
      const issues = readIssues()
      for (const [index, { faults, notes }] of [...found].sort(([a], [b]) => a - b)) {
        for (const fault of faults) issues.bad(fault, idOf(index))
        for (const note of notes) issues.noted(note, idOf(index))
      }
      return issues.all()
    }
  }
}
