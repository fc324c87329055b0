import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import type { TensorContext } from "../../../lib/pipeline/stage.ts"
import { type Relevance, relevance } from "../../../stages/mask/relevance.ts"

beforeAll(async () => {
  await tf.setBackend("cpu")
})

const scores = (kind: Relevance, fields: { readonly [name: string]: tf.Tensor }): number[][] =>
  relevance(kind, { fields } as unknown as TensorContext<never>).arraySync() as number[][]
const close = (got: number[][], expected: number[][]): void =>
  got.flat().forEach((x, i) => {
    assert.closeTo(x, expected.flat()[i]!, 1e-6)
  })

const patches = tf.tensor3d([1, 0, 0, 1, 0.6, 0.8], [1, 3, 2])

describe("relevance of patches", () => {
  it("is the cosine with the text's [CLS]", () => {
    close(scores("embedding", { "teacher.patchEmbedding": patches, "teacher.textEmbedding": tf.tensor2d([0.8, 0.6], [1, 2]) }), [
      [0.8, 0.6, 0.96]
    ])
  })

  it("is the cosine with the nearest word, never with [CLS], [SEP] or padding", () => {
    const words = (cls: number, word: number, sep: number, pad: number) => ({
      "teacher.patchEmbedding": patches,
      "teacher.tokenEmbedding": tf.tensor3d([cls, 0, word, 0, 0, -1, sep, 0, pad, pad], [1, 5, 2]),
      tokenMask: tf.tensor2d([1, 1, 1, 1, 0], [1, 5], "bool")
    })
    close(scores("words", words(1, -0.5, 1, 1)), [[0, 0, -0.3]])
    close(scores("words", words(-1, -0.5, -1, 9)), [[0, 0, -0.3]])
    close(scores("words", words(1, 0.5, 1, 1)), [[0.5, 0, 0.3]])
  })

  it("is −1 everywhere for a text without words", () => {
    for (const [real, length] of [
      [2, 3],
      [1, 1]
    ] as const)
      close(
        scores("words", {
          "teacher.patchEmbedding": patches,
          "teacher.tokenEmbedding": tf.ones([1, length, 2]),
          tokenMask: tf.tensor2d(
            Array.from({ length }, (_, i) => (i < real ? 1 : 0)),
            [1, length],
            "bool"
          )
        }),
        [[-1, -1, -1]]
      )
  })
})
