import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import { type ForwardOutcome, forward } from "../../lib/model/forward.ts"
import { bareName } from "../../lib/model/logged-names.ts"
import { distance, golden, goldenSizes, goldenStages } from "./golden.ts"
import { goldenInputs } from "./golden-inputs.ts"

const file = golden("step.safetensors")
const expected = (name: string): ArrayLike<number> => file.values(name)

const of = (all: { readonly [full: string]: tf.Tensor }, name: string): tf.Tensor =>
  Object.entries(all).find(([full]) => bareName(full) === name)![1]

describe("one SemMIM step, as PyTorch computes it in float64", () => {
  let outcome: ForwardOutcome
  let gradients: ReadonlyMap<string, Float32Array>
  let student: ReadonlyMap<string, tf.Tensor>

  beforeAll(async () => {
    await tf.setBackend("cpu")
    const inputs = goldenInputs(file)
    student = inputs.student
    const { grads } = tf.engine().gradients(
      () => {
        outcome = forward(goldenStages, inputs)
        const kept = [outcome.fields, outcome.losses, outcome.metrics].flatMap((record) => Object.values(record))
        for (const tensor of kept) tf.keep(tensor)
        for (const update of Object.values(outcome.state)) tf.keep("replace" in update ? update.replace : update.enqueue)
        return tf.addN(Object.values(outcome.losses))
      },
      [...student.values()],
      undefined as never,
      true
    )
    gradients = new Map([...student.keys()].map((name, i) => [name, grads[i]?.dataSync() as Float32Array]))
  })

  it.each(["itc", "itm", "mlm", "mim", "agreement"])("has the loss %s", (name) => {
    const [value] = expected(`step1.loss.${name}`) as Float32Array
    assert.closeTo(of(outcome.losses, name).dataSync()[0]!, value!, 5e-6 * Math.abs(value!))
  })

  it.each(["teacherEntropy", "agreementEntropy"])("logs %s", (name) => {
    const [value] = expected(`step1.loss.${name}`) as Float32Array
    assert.closeTo(of(outcome.metrics, name).dataSync()[0]!, value!, 2e-5 * Math.abs(value!))
  })

  it.each([
    ["maskedPatches", "imageIndices"],
    ["imageMask", "imageMask"],
    ["maskedTokens", "maskedTokens"],
    ["imageNegative", "negativeImage"],
    ["textNegative", "negativeText"]
  ])("chooses the same %s", (ours, theirs) => {
    assert.deepEqual([...outcome.fields[ours]!.dataSync()], [...Array.from(expected(`step1.chosen.${theirs}`))])
  })

  it("weighs the same masked words", () => {
    const valid = Array.from(expected("step1.chosen.tokenValid"))
    const slots = Array.from(expected("step1.chosen.tokenSlots"))
    const weights = [...outcome.fields["maskedWeights"]!.dataSync()]
    const places = [...outcome.fields["maskedPositions"]!.dataSync()]
    assert.deepEqual(
      weights.map((w) => (w > 0 ? 1 : 0)),
      valid
    )
    assert.deepEqual(
      places.filter((_, i) => valid[i]),
      slots.filter((_, i) => valid[i])
    )
  })

  it.each([
    ["teacher.imageStates", "Ti"],
    ["teacher.textStates", "Tt"],
    ["teacher.secondImage", "T2"],
    ["teacher.maskedText", "Tx"],
    ["teacher.imageEmbedding", "tv"],
    ["teacher.textEmbedding", "tt"],
    ["imageStates", "Si"],
    ["textStates", "St"],
    ["maskedImage", "Sm"],
    ["maskedText", "Sx"],
    ["imageEmbedding", "v"],
    ["textEmbedding", "t"],
    ["teacher.fusedImage", "G1"],
    ["teacher.fusedMaskedText", "G2"],
    ["fusedMaskedImage", "F1"],
    ["fusedMaskedText", "F2"],
    ["fusedText", "F3"]
  ])("computes %s", (ours, theirs) => {
    const { relative } = distance(outcome.fields[ours]!.dataSync() as Float32Array, expected(`step1.pass.${theirs}`))
    assert.isBelow(relative, 3e-6)
  })

  it("fuses negatives in one pass of twice the batch", () => {
    const got = ["textOfNegativeImage", "textOfNegativeText"].flatMap((name) => [...outcome.fields[name]!.dataSync()])
    assert.isBelow(distance(got, expected("step1.pass.F4")).relative, 3e-6)
  })

  it("has the gradient of every parameter", () => {
    const declared = new Set(goldenStages.flatMap((stage) => Object.keys(stage.parameters(goldenSizes))))
    assert.deepEqual([...declared].sort(), [...student.keys()].sort())
    for (const [name, gradient] of gradients) {
      const value = expected(`gradient.${name}`)
      const { relative, largest } = distance(gradient ?? new Float32Array(value.length), value)
      assert.isTrue(relative < 5e-6 || largest < 1e-9, `${name}: relative ${relative}, largest ${largest}`)
    }
  })

  it("moves the centres and hands rows to the queues", () => {
    for (const [ours, theirs] of [
      ["align.centre", "centre"],
      ["reconstruct.centrePatch", "centrePatch"]
    ] as const) {
      const update = outcome.state[ours]!
      assert.isTrue("replace" in update)
      if ("replace" in update) assert.isBelow(distance(update.replace.dataSync(), expected(`stateAfter.${theirs}`)).largest, 1e-6)
    }
    const rows = outcome.state["align.queueImage"]!
    if ("enqueue" in rows) assert.isBelow(distance(rows.enqueue.dataSync(), expected("step1.pass.tv")).largest, 1e-6)
    assert.isTrue("enqueue" in rows)
  })

  it("declares the shapes of the file's parameters", () => {
    for (const stage of goldenStages)
      for (const [name, spec] of Object.entries(stage.parameters(goldenSizes)))
        assert.deepEqual(spec.shape, student.get(name)!.shape)
  })
})
