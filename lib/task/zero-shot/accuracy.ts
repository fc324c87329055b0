import { Schema } from "effect"

const percent = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 100 }))

/**
 * Classification metrics in percent: `accuracy`, the share of images whose nearest class is correct; `top5`, the share with the
 * correct class among the five nearest (where there are more than five classes); `perClass`, the mean accuracy over the classes
 * present. `majority` is the baseline that always predicts the most frequent class of the test images.
 */
export const ZeroShot = Schema.Struct({
  images: Schema.Int,
  classes: Schema.Int,
  accuracy: percent,
  top5: Schema.optionalKey(percent),
  perClass: percent,
  majority: Schema.Struct({ label: Schema.String, accuracy: percent, perClass: percent })
})
export type ZeroShot = typeof ZeroShot.Type

/** Number of images of one class that were classified correctly. */
export interface ClassAccuracy {
  readonly label: string
  readonly images: number
  readonly accuracy: number
}

const share = (hits: number, of: number): number => (100 * hits) / of

/**
 * Computes accuracies: `truth` is the class of each image, `ranked` its `k` nearest classes, best first, row by row. Throws
 * without images.
 */
export const accuracies = (
  truth: readonly number[],
  ranked: Int32Array,
  k: number,
  classes: readonly string[]
): { readonly metrics: ZeroShot; readonly perClass: readonly ClassAccuracy[] } => {
  const counts = new Map<number, { images: number; right: number }>()
  let [first, five] = [0, 0]
  for (const [image, own] of truth.entries()) {
    const found = ranked.subarray(image * k, (image + 1) * k)
    const right = found[0] === own
    const count = counts.get(own) ?? { images: 0, right: 0 }
    counts.set(own, { images: count.images + 1, right: count.right + (right ? 1 : 0) })
    if (right) first++
    if (found.subarray(0, 5).includes(own)) five++
  }
  const perClass = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([own, { images, right }]) => ({ label: classes[own]!, images, accuracy: share(right, images) }))
  const most = perClass.reduce((a, b) => (b.images > a.images ? b : a))
  const metrics: ZeroShot = {
    images: truth.length,
    classes: classes.length,
    accuracy: share(first, truth.length),
    ...(classes.length > 5 ? { top5: share(five, truth.length) } : {}),
    perClass: perClass.reduce((sum, { accuracy }) => sum + accuracy, 0) / perClass.length,
    majority: { label: most.label, accuracy: share(most.images, truth.length), perClass: 100 / perClass.length }
  }
  return { metrics, perClass }
}
