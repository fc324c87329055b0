import { assert, describe, it } from "@effect/vitest"
import { accuracies } from "../../../../lib/task/zero-shot/accuracy.ts"

const classes = ["a", "b", "c", "d", "e", "f", "g"]

/** The nearest classes of each image, as one array. */
const rows = (...each: readonly (readonly number[])[]): Int32Array => Int32Array.from(each.flat())

describe("accuracies of a classification", () => {
  it("are of the first class and the first five, of all images and as the mean over the classes that they have", () => {
    const truth = [0, 0, 0, 2, 2, 5]
    const ranked = rows([0, 1, 2, 3, 4], [1, 0, 2, 3, 4], [6, 5, 4, 3, 2], [2, 0, 1, 3, 4], [2, 0, 1, 3, 4], [1, 2, 3, 4, 5])
    const { metrics, perClass } = accuracies(truth, ranked, 5, classes)
    assert.deepStrictEqual(perClass, [
      { label: "a", images: 3, accuracy: 100 / 3 },
      { label: "c", images: 2, accuracy: 100 },
      { label: "f", images: 1, accuracy: 0 }
    ])
    assert.deepStrictEqual(metrics, {
      ...{ images: 6, classes: 7, accuracy: 50, top5: (100 * 5) / 6, perClass: (100 / 3 + 100) / 3 },
      majority: { label: "a", accuracy: 50, perClass: 100 / 3 }
    })
  })

  it("have no five first where there are no more classes than that", () => {
    const { metrics } = accuracies([1, 0], rows([1, 0], [1, 0]), 2, ["a", "b"])
    assert.notProperty(metrics, "top5")
    assert.deepStrictEqual([metrics.accuracy, metrics.perClass, metrics.majority.accuracy], [50, 50, 50])
  })
})
