import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import { key } from "../../lib/random/key.ts"
import { align, itc } from "../../stages/align/index.ts"
import { mlm, reconstruct } from "../../stages/reconstruct/index.ts"
import { counting, runEagerly } from "./eager.ts"

const wave = (shape: number[], phase: number): tf.Tensor => counting(shape, (i) => Math.sin(i * 1.3 + phase))
const sizes = { batch: 3, tokens: 4, patches: 4, width: 8, embedding: 5, vocabulary: 16 }

describe("a loss without a share of the teacher's", () => {
  beforeAll(async () => {
    await tf.setBackend("cpu")
  })

  it("contrasts the student's images and texts, whether or not a teacher stands in the pipeline", () => {
    const fields = {
      imageEmbedding: wave([3, 5], 0),
      textEmbedding: wave([3, 5], 1),
      imageStates: wave([3, 5, 8], 2),
      textStates: wave([3, 4, 8], 3),
      tokenMask: counting([3, 4], () => 1, "bool"),
      group: counting([3], (i) => i, "int32")
    }
    const others = { "teacher.imageEmbedding": wave([3, 5], 7), "teacher.textEmbedding": wave([3, 5], 8) }
    const loss = (given: object) =>
      runEagerly([align({ contrastive: itc({ queue: 0, alpha: 0 }) })], given as never, sizes, key(1)).losses[
        "itc"
      ]!.dataSync()[0]
    assert.equal(loss({ ...fields, ...others }), loss(fields))
  })

  it("learns the masked words themselves, whether or not a teacher stands in the pipeline", () => {
    const fields = {
      fusedMaskedText: wave([3, 4, 8], 0),
      tokens: counting([3, 4], (i) => i, "int32"),
      maskedPositions: counting([3, 1], () => 1, "int32"),
      maskedWeights: counting([3, 1], () => 1)
    }
    const loss = (given: object) =>
      runEagerly([reconstruct({ text: mlm({ alpha: 0 }) })], given as never, sizes, key(2)).losses["mlm"]!.dataSync()[0]
    assert.equal(loss({ ...fields, "teacher.fusedMaskedText": wave([3, 4, 8], 5) }), loss(fields))
  })
})
