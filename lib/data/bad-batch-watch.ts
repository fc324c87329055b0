import type { Fields } from "../tensor/field.ts"
import { type BadSampleBudget, badSampleWatch, budgetDefaults, type TooManyBadSamples } from "./bad-samples.ts"
import type { Batch } from "./batch.ts"
import type { OpenedPart } from "./host/host-stages.ts"
import type { Source } from "./source.ts"

/** Sources that batches are read from. */
interface Read {
  readonly source: Source<Fields>
  readonly parts: { readonly [part: string]: OpenedPart }
}

/**
 * Counts the bad samples of batches, those of the main source and of each part by themselves; gives the error once one of them has too
 * many.
 */
export const badBatchWatch = ({ source, parts }: Read, budget: BadSampleBudget = budgetDefaults) => {
  const main = badSampleWatch(source.count, budget)
  const watches = Object.entries(parts).map(
    ([part, opened]) => [part, badSampleWatch(opened.source.count, budget, part)] as const
  )
  return ({ epoch, bad, parts: own = {} }: Batch): TooManyBadSamples | undefined => {
    const tooMany = main(
      epoch,
      bad.filter(({ part }) => part === undefined)
    )
    const others = watches.map(([name, watch]) =>
      watch(
        own[name]?.epoch ?? epoch,
        bad.filter(({ part }) => part === name)
      )
    )
    return tooMany ?? others.find((each) => each !== undefined)
  }
}
