import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import { key } from "../../../lib/random/key.ts"
import { agreement, align, mutualAgreement } from "../../../stages/align/index.ts"
import { prototypeHead } from "../../../stages/reconstruct/index.ts"
import { counting, runEagerly } from "../eager.ts"

beforeAll(async () => {
  await tf.setBackend("cpu")
})

const space = prototypeHead({ dimensions: 16, hidden: 12, projection: 8, freezeLastLayer: 0 })
const sizes = { batch: 3, patches: 4, "patches+1": 5, width: 6 }
const view = (phase: number): tf.Tensor => counting([3, 5, 6], (i) => Math.sin(phase + 1.3 * i))
const [maskedImage, secondImage, teacherImage, teacherSecondImage] = [0, 1, 2, 3].map(view) as [
  tf.Tensor,
  tf.Tensor,
  tf.Tensor,
  tf.Tensor
]
const fields = { maskedImage, secondImage, "teacher.imageStates": teacherImage, "teacher.secondImage": teacherSecondImage }
const one = align({ agreement: agreement({ space }) })
const both = align({ agreement: mutualAgreement({ space }) })
const number = (tensor: tf.Tensor | undefined): number => tensor!.dataSync()[0]!

describe("agreement", () => {
  const { losses, metrics, state } = runEagerly([one], fields, sizes, key(1))
  const swapped = runEagerly([one], { maskedImage: secondImage, "teacher.secondImage": teacherImage }, sizes, key(1))
  const mutual = runEagerly([both], fields, sizes, key(1))
  const centreOf = (outcome: typeof mutual): Float32Array => {
    const update = outcome.state["align.centre"]!
    return ("replace" in update ? update.replace : update.enqueue).dataSync() as Float32Array
  }

  it("looks at [CLS] alone", () => {
    const elsewhere = tf.concat([tf.slice(maskedImage, [0, 0, 0], [3, 1, 6]), tf.zeros([3, 4, 6])], 1)
    const again = runEagerly([one], { ...fields, maskedImage: elsewhere }, sizes, key(1))
    assert.equal(number(again.losses["agreement"]), number(losses["agreement"]))
  })

  it("is no smaller than the entropy of what the teacher says", () => {
    assert.isAtLeast(number(losses["agreement"]), number(metrics["agreementEntropy"]))
    assert.isBelow(number(metrics["agreementEntropy"]), Math.log(16))
  })

  it("in both orders is the mean of the two ordered pairs, and moves one centre towards the mean of both views", () => {
    assert.closeTo(
      number(mutual.losses["agreement"]),
      (number(losses["agreement"]) + number(swapped.losses["agreement"])) / 2,
      1e-6
    )
    const [first, second] = [centreOf({ ...mutual, state }), centreOf(swapped)]
    assert.deepEqual(
      [...centreOf(mutual)].map((value) => value.toFixed(6)),
      [...first].map((value, k) => ((value + second[k]!) / 2).toFixed(6))
    )
  })
})
