import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import type { TensorStage } from "../../../lib/pipeline/stage.ts"
import { key } from "../../../lib/random/key.ts"
import { mlm, prototypeHead, reconstruct, semantic } from "../../../stages/reconstruct/index.ts"
import { counting, runEagerly } from "../eager.ts"

beforeAll(async () => {
  await tf.setBackend("cpu")
})

const space = prototypeHead({ dimensions: 16, hidden: 12, projection: 6 })
const [batch, width] = [2, 8]
const states = (rows: number, phase: number): tf.Tensor => counting([batch, rows, width], (i) => Math.sin(phase + i * 1.3))

const mim = (maskedPatches: tf.Tensor) =>
  runEagerly(
    [reconstruct({ image: semantic({ space }) }) as TensorStage],
    { "teacher.fusedImage": states(5, 0), fusedMaskedImage: states(5, 1), maskedPatches },
    { batch, width, patches: 4 },
    key(1)
  )

describe("the semantic target", () => {
  it("gives an empty mask a loss of 0, and still moves the centre", () => {
    const { losses, metrics, state } = mim(tf.zeros([batch, 0], "int32"))
    assert.equal(losses["mim"]!.dataSync()[0], 0)
    assert.equal(metrics["teacherEntropy"]!.dataSync()[0], 0)
    const update = state["reconstruct.centrePatch"]!
    assert.isTrue("replace" in update && update.replace.dataSync().some((x) => x !== 0))
  })

  it("reads masked patches only", () => {
    const masked = tf.tensor2d([1, 3, 0, 2], [batch, 2], "int32")
    const one = mim(masked).losses["mim"]!.dataSync()[0]!
    const swapped = mim(tf.tensor2d([3, 1, 2, 0], [batch, 2], "int32")).losses["mim"]!.dataSync()[0]!
    const other = mim(tf.tensor2d([0, 3, 0, 2], [batch, 2], "int32")).losses["mim"]!.dataSync()[0]!
    assert.closeTo(one, swapped, 1e-6)
    assert.isAbove(Math.abs(one - other), 1e-6)
  })

  it("sharpens the teacher over the warm-up, and frees the prototypes after the first epoch or a share of the steps", () => {
    const stage = reconstruct({ image: semantic({ space }) })
    const at = (name: string, step: number, of = stage): number =>
      of.scalars[name]!({ step, steps: 1000, warmup: 10, stepsPerEpoch: 20 })
    assert.deepEqual(
      [0, 10, 500].map((step) => at("teacherTemperature", step)),
      [0.04, 0.07, 0.07]
    )
    assert.closeTo(at("teacherTemperature", 5), 0.055, 1e-12)
    assert.deepEqual(
      [0, 19, 20].map((step) => at("lrScale", step)),
      [0, 0, 1]
    )
    const early = reconstruct({ image: semantic({ space: prototypeHead({ ...space, freezeLastLayer: 0.01 }) }) })
    assert.deepEqual(
      [0, 9, 10].map((step) => at("lrScale", step, early)),
      [0, 0, 1]
    )
  })

  it("lrScales the prototypes only, and hands the whole head to the teacher", () => {
    const stage = reconstruct({ image: semantic({ space }) })
    const specs = stage.parameters({ width })
    const scaled = Object.keys(specs).filter((name) => specs[name]!.lrScale !== undefined)
    assert.deepEqual(scaled, ["space.prototypes.weight"])
    assert.deepEqual([...stage.teacherParameters({ width })].sort(), Object.keys(specs).sort())
  })
})

const words = (weights: readonly number[], alpha?: number) =>
  runEagerly(
    [reconstruct({ text: mlm(alpha === undefined ? {} : { alpha }) }) as TensorStage],
    {
      fusedMaskedText: states(5, 0),
      "teacher.fusedMaskedText": states(5, 1),
      tokens: tf.tensor2d([2, 7, 8, 3, 0, 2, 9, 5, 6, 3], [batch, 5], "int32"),
      maskedPositions: tf.tensor2d([1, 2, 3, 1], [batch, 2], "int32"),
      maskedWeights: tf.tensor2d([...weights], [batch, 2])
    },
    { batch, width, tokens: 5, vocabulary: 20 },
    key(1)
  ).losses["mlm"]!.dataSync()[0]!

describe("the masked-word target", () => {
  it("is 0 where no word is masked", () => {
    assert.equal(words([0, 0, 0, 0]), 0)
  })

  it("is a mean over samples of means over their masked words", () => {
    const each = [0, 1, 2, 3].map((slot) => 2 * words([0, 1, 2, 3].map((i) => (i === slot ? 1 : 0))))
    assert.closeTo(words([0.5, 0.5, 1, 0]), ((each[0]! + each[1]!) / 2 + each[2]!) / 2, 1e-5)
  })

  it("mixes true words and the teacher's distribution by alpha", () => {
    const [hard, half, soft] = [0, 0.5, 1].map((alpha) => words([0.5, 0.5, 0.5, 0.5], alpha))
    assert.closeTo(half!, (hard! + soft!) / 2, 1e-5)
    assert.isAbove(Math.abs(hard! - soft!), 1e-6)
  })

  it("is tied to the word embeddings that encode has", () => {
    assert.include(
      Object.keys(reconstruct({ text: mlm() }).parameters({ width, vocabulary: 20 })),
      "bert.embeddings.word_embeddings.weight"
    )
  })
})
