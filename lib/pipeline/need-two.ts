import { WiringError } from "./errors.ts"
import type { Sizes } from "./stage.ts"

/** Throws a `WiringError` where a batch has no second pair to take a negative from. */
export const needTwo = (stage: string, what: string, sizes: Sizes): void => {
  if (sizes["batch"]! < 2)
    throw new WiringError({
      pipeline: stage,
      problem: `${what} takes negatives from the batch, so it needs a batch of 2 or more, but it is ${sizes["batch"]}`
    })
}
