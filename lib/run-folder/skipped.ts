import { join } from "node:path"
import { Effect, FileSystem } from "effect"
import type { BadSample } from "../data/bad-samples.ts"
import { writeAtomically } from "../store/atomic.ts"
import { storeError } from "../store/store-error.ts"

/** A sample of a step's batch that could not be used. */
export interface Skipped extends BadSample {
  readonly step: number
  readonly epoch: number
}

/** Path of a run's list of skipped samples, by id and reason, one per line. */
export const skippedFile = (run: string): string => join(run, "skipped.jsonl")

const parse = (line: string): readonly Skipped[] => {
  try {
    const { step, epoch, id, reason, part } = JSON.parse(line) as Partial<Skipped>
    const whole = typeof step === "number" && typeof epoch === "number" && typeof id === "string" && typeof reason === "string"
    return whole ? [{ step, epoch, id, reason, ...(typeof part === "string" ? { part } : {}) }] : []
  } catch {
    return []
  }
}

const readText = Effect.fnUntraced(function* (run: string) {
  const fs = yield* FileSystem.FileSystem
  const path = skippedFile(run)
  const there = yield* fs.exists(path).pipe(Effect.mapError(storeError(path)))
  return there ? yield* fs.readFileString(path).pipe(Effect.mapError(storeError(path))) : ""
})

/** Reads the samples that a run has skipped so far; incomplete lines are omitted. */
export const readSkipped = Effect.fn("train.readSkipped")(function* (run: string) {
  return (yield* readText(run)).split("\n").flatMap(parse)
})

const lineOf = ({ step, epoch, id, reason, part }: Skipped): string => `${JSON.stringify({ step, epoch, id, reason, part })}\n`

/** Appends the samples that a step skipped. */
export const appendSkipped = Effect.fn("train.appendSkipped")(function* (run: string, skipped: readonly Skipped[]) {
  if (skipped.length === 0) return
  const fs = yield* FileSystem.FileSystem
  const path = skippedFile(run)
  yield* fs.writeFileString(path, skipped.map(lineOf).join(""), { flag: "a" }).pipe(Effect.mapError(storeError(path)))
})

/** Removes the samples skipped after a step, so that a resumed run lists each once. */
export const truncateSkipped = Effect.fn("train.truncateSkipped")(function* (run: string, step: number) {
  const text = yield* readText(run)
  const kept = text
    .split("\n")
    .flatMap(parse)
    .filter((each) => each.step <= step)
  const wanted = kept.map(lineOf).join("")
  if (wanted !== text) yield* writeAtomically(skippedFile(run), wanted)
})
