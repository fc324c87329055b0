import { assert, describe, it } from "@effect/vitest"
import { classEmbeddings, classTexts } from "../../../../lib/task/zero-shot/class-texts.ts"

describe("the texts of classes", () => {
  it("are each template with the label's words", () => {
    const texts = classTexts(["animal-mammal", "sky_&_weather"], ["{}", "an image of {}"]).map(({ text }) => text)
    assert.deepStrictEqual(texts, ["animal mammal", "an image of animal mammal", "sky & weather", "an image of sky & weather"])
  })

  it("make one embedding a class: the mean of unit embeddings, of length 1 again", () => {
    const { data, width } = classEmbeddings({ data: Float32Array.of(3, 0, 0, 5, 0, -2, 0, -1), width: 2 }, 2)
    assert.strictEqual(width, 2)
    for (const [i, x] of [Math.SQRT1_2, Math.SQRT1_2, 0, -1].entries()) assert.closeTo(data[i]!, x, 1e-6)
  })
})
