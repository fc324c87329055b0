import { Effect } from "effect"
import { type BadSample, frequentReasons } from "../data/bad-samples.ts"
import { EvaluateError } from "./evaluate-error.ts"
import type { Items } from "./items.ts"

/** Number of samples that could not be used, and the reasons, the most frequent first; empty where there are none. */
export const skippedText = (skipped: readonly BadSample[]): string =>
  skipped.length === 0
    ? ""
    : `${skipped.length} ${skipped.length === 1 ? "sample" : "samples"} could not be used: ${frequentReasons(skipped)}`

/** Requires images and texts among the items of a source; fails with an `EvaluateError` that gives the reason otherwise. */
export const needItems = (task: string, { images, texts, skipped }: Items): Effect.Effect<void, EvaluateError> => {
  if (images.length > 0 && texts.length > 0) return Effect.void
  const why = skippedText(skipped)
  const reason = `${images.length} images and ${texts.length} texts${why === "" ? "" : `: ${why}`}`
  return Effect.fail(new EvaluateError({ task, reason }))
}
