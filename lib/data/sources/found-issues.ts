import { type ReadIssue, readIssues } from "../read-issues.ts"
import type { FileCaptions, FoundCaptions } from "./caption-files.ts"

/** Collects what is wrong with samples that are used all the same, while their texts are read: of each once, however often it is read. */
export const foundIssues = (idOf: (index: number) => string) => {
  const found = new Map<number, Pick<FoundCaptions, "faults" | "notes">>()
  return {
    /** Records the issues of a sample that was read. One without captions is a `SampleError` with the reason. */
    see: (index: number, read: FileCaptions): void => {
      if ("reason" in read || read.captions.length === 0 || read.faults.length + read.notes.length === 0) return
      found.set(index, { faults: read.faults, notes: read.notes })
    },
    /** In the order of samples, whichever was read first. */
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
