import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import type { TensorStage } from "../../../lib/pipeline/stage.ts"
import { key } from "../../../lib/random/key.ts"
import { crossModal, fuse } from "../../../stages/fuse/index.ts"
import { counting, runEagerly } from "../eager.ts"

beforeAll(async () => {
  await tf.setBackend("cpu")
})

const [batch, width, tokens, patches] = [2, 8, 5, 4]
const states = (rows: number, phase: number): tf.Tensor => counting([batch, rows, width], (i) => Math.sin(phase + i * 1.3))
const mask = tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 1, 0, 0], [batch, tokens], "bool")
const pair = { imageStates: states(patches + 1, 0), textStates: states(tokens, 1), tokenMask: mask }
const values = (x: tf.Tensor | undefined): readonly number[] => [...x!.dataSync()]
const near = (a: readonly number[], b: readonly number[]): boolean => a.every((x, i) => Math.abs(x - b[i]!) < 1e-5)

const kinds = ["coAttention", "connected"] as const
const run = (
  kind: (typeof kinds)[number],
  layers: number,
  passes: Parameters<typeof fuse>[0]["passes"],
  given: object = pair
) => {
  const fusion = crossModal({ width, heads: 2, fusionLayers: layers }, { kind })
  return runEagerly([fuse({ fusion, passes }) as TensorStage], given as never, { batch, tokens, patches }, key(3)).fields
}

describe.each(kinds)("%s", (kind) => {
  it.each([1, 2, 3, 4])("fuses both streams in %i layers: each depends on the other", (layers) => {
    const before = run(kind, layers, ["whole"])
    const otherText = run(kind, layers, ["whole"], { ...pair, textStates: states(tokens, 2) })
    const otherImage = run(kind, layers, ["whole"], { ...pair, imageStates: states(patches + 1, 2) })
    assert.isFalse(near(values(before["fusedImage"]), values(otherText["fusedImage"])))
    assert.isFalse(near(values(before["fusedText"]), values(otherImage["fusedText"])))
  })

  it("ignores what stands at padding", () => {
    const noisy = counting([batch, tokens, width], (i) => {
      const [b, t] = [Math.floor(i / (tokens * width)), Math.floor(i / width) % tokens]
      return b === 1 && t >= 3 ? 9 : Math.sin(1 + i * 1.3)
    })
    const [a, b] = [run(kind, 3, ["whole"]), run(kind, 3, ["whole"], { ...pair, textStates: noisy })]
    assert.isTrue(near(values(a["fusedImage"]), values(b["fusedImage"])))
    const real = (x: tf.Tensor | undefined) => values(tf.slice(x!, [1, 0, 0], [1, 3, -1]))
    assert.isTrue(near(real(a["fusedText"]), real(b["fusedText"])))
  })

  it("shows what the last layer's text attends to", () => {
    const fields = run(kind, 3, ["attention"])
    assert.isTrue(near(values(fields["fusedText"]), values(run(kind, 3, ["whole"])["fusedText"])))
    const maps = fields["attentionMaps"]!.arraySync() as number[][][]
    for (const row of maps.flat()) {
      const total = row.reduce((a, b) => a + b)
      assert.isTrue(row.every((x) => x >= 0) && total > 0 && total <= 1 + 1e-6)
    }
    const mean = [0, 1, 2, 3].map((p) => [0, 1, 2].reduce((sum, t) => sum + maps[1]![t]![p]!, 0) / 3)
    assert.isTrue(near((fields["crossAttention"]!.arraySync() as number[][])[1]!, mean))
  })

  it("fuses negatives as if each pair were fused alone", () => {
    const other = {
      negativeImage: tf.reverse(pair.imageStates, 0),
      negativeText: tf.reverse(pair.textStates, 0),
      negativeTokenMask: tf.reverse(mask, 0)
    }
    const negatives = run(kind, 2, ["negatives"], { ...pair, ...other })
    const image = run(kind, 2, ["whole"], { ...pair, imageStates: tf.reverse(pair.imageStates, 0) })
    const text = run(kind, 2, ["whole"], { ...pair, textStates: tf.reverse(pair.textStates, 0), tokenMask: tf.reverse(mask, 0) })
    assert.isTrue(near(values(negatives["textOfNegativeImage"]), values(image["fusedText"])))
    assert.isTrue(near(values(negatives["textOfNegativeText"]), values(text["fusedText"])))
  })
})

describe("a pass of one's own", () => {
  it("is what a preset is: fields in, fields out", () => {
    const own = { image: "imageStates", text: "textStates", tokenMask: "tokenMask", adds: { text: "answered" } } as const
    assert.deepEqual(values(run("coAttention", 2, [own])["answered"]), values(run("coAttention", 2, ["wholeText"])["fusedText"]))
  })

  it("is refused where the fusion cannot run it, in a sentence", () => {
    const fusion = crossModal({ width, heads: 2, fusionLayers: 1 }, { kind: "textStream" })
    assert.throws(
      () => fuse({ fusion, passes: ["whole"] }),
      "fuse: the fusion 'textStream' gives text states alone, so no pass of it can add 'fusedImage'"
    )
    const uneven = { image: ["a", "b"], text: "textStates", tokenMask: "tokenMask", adds: { text: "c" } } as const
    assert.throws(() => fuse({ fusion, passes: [uneven] }), "fuse: a pass has 2 fields for 'image' but 1 for 'text'")
  })
})
