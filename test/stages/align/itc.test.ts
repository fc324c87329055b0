import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import { l2Normalize } from "../../../lib/nn/norm.ts"
import type { TensorStage } from "../../../lib/pipeline/stage.ts"
import { key } from "../../../lib/random/key.ts"
import { named } from "../../../lib/tensor/tensor.ts"
import { align, itc, itm } from "../../../stages/align/index.ts"
import { counting, runEagerly } from "../eager.ts"

beforeAll(async () => {
  await tf.setBackend("cpu")
})

const [batch, embedding] = [4, 8]
const unit = (phase: number): tf.Tensor =>
  l2Normalize(
    named(
      counting([batch, embedding], (i) => Math.sin(phase + i * 1.7)),
      "batch",
      "embedding"
    )
  )
const fields = (groups: readonly number[]) => ({
  imageEmbedding: unit(0),
  textEmbedding: unit(1),
  "teacher.imageEmbedding": unit(2),
  "teacher.textEmbedding": unit(3),
  group: tf.tensor1d([...groups], "int32")
})
/** What of the stage compares pairs: the loss and the choice of negatives, without other pairs' states. */
const contrast = (settings: Parameters<typeof itc>[0]): TensorStage => align({ contrastive: itc(settings) }).batchwise!.whole
const run = (settings: Parameters<typeof itc>[0], groups = [0, 1, 2, 3], given = {}) =>
  runEagerly([contrast(settings)], { ...fields(groups), ...given }, { batch, embedding }, key(1))

const softmax = (x: readonly number[]): readonly number[] => {
  const top = Math.max(...x)
  const e = x.map((v) => Math.exp(v - top))
  const total = e.reduce((a, b) => a + b)
  return e.map((v) => v / total)
}

/** The definition of method.md §6 in plain numbers, without a queue. */
const byDefinition = (groups: readonly number[], alpha: number): number => {
  const rows = (name: keyof ReturnType<typeof fields>) => fields(groups)[name].arraySync() as number[][]
  const [v, t, tv, tt] = [
    rows("imageEmbedding"),
    rows("textEmbedding"),
    rows("teacher.imageEmbedding"),
    rows("teacher.textEmbedding")
  ]
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0)
  const direction = (student: number[][], teacher: number[][], all: number[][]): number =>
    student.reduce((sum, x, b) => {
      const log = softmax(all.map((y) => dot(x, y) / 0.07)).map(Math.log)
      const soft = softmax(all.map((y) => dot(teacher[b]!, y) / 0.07))
      const same = groups.map((g): number => (g === groups[b] ? 1 : 0))
      const positives = same.reduce((a, b) => a + b)
      return sum - log.reduce((s, l, j) => s + l * (alpha * soft[j]! + ((1 - alpha) * same[j]!) / positives), 0)
    }, 0) / student.length
  return (direction(v, tv, tt) + direction(t, tt, tv)) / 2
}

describe("ITC", () => {
  it("is the definition, duplicates being positives of each other", () => {
    for (const groups of [
      [0, 1, 2, 3],
      [5, 5, 5, 2],
      [1, 1, 1, 1]
    ]) {
      const { losses } = run({ queue: 0, alpha: 0.4 }, groups)
      assert.closeTo(losses["itc"]!.dataSync()[0]!, byDefinition(groups, 0.4), 1e-5)
    }
  })

  it("takes a batch of one, and batches that do not divide the queue", () => {
    const one = Object.fromEntries(Object.entries(fields([0, 1, 2, 3])).map(([name, x]) => [name, tf.slice(x, 0, 1)]))
    const stage = contrast({ queue: 5 })
    const { losses, state } = runEagerly([stage], one, { batch: 1, embedding }, key(1))
    assert.isTrue(Number.isFinite(losses["itc"]!.dataSync()[0]))
    assert.deepEqual(Object.keys(state), ["align.queueImage", "align.queueText", "align.queueGroup"])
    assert.isTrue(Number.isFinite(run({ queue: 7 }).losses["itc"]!.dataSync()[0]))
  })

  it("ramps alpha from 0 over the first epoch, or a setting", () => {
    const alpha = (settings: Parameters<typeof itc>[0], step: number): number => {
      const stage = align({ contrastive: itc(settings) })
      return stage.scalars["alpha"]!({ step, steps: 100, warmup: 5, stepsPerEpoch: 20 })
    }
    assert.deepEqual(
      [0, 10, 20, 90].map((step) => alpha({}, step)),
      [0, 0.2, 0.4, 0.4]
    )
    assert.deepEqual(
      [0, 20, 40].map((step) => alpha({ alpha: 0.5, ramp: 2 }, step)),
      [0, 0.25, 0.5]
    )
    assert.equal(alpha({ ramp: 0 }, 0), 0.4)
  })

  it("has a temperature that starts at .07, is clamped and does not decay", () => {
    const stage = align({ contrastive: itc() })
    const { temperature } = stage.parameters({ embedding })
    assert.deepEqual([temperature!.shape, temperature!.clamp, temperature!.decay], [[], [0.001, 0.5], false])
    assert.closeTo(temperature!.init(key(1), [])[0]!, 0.07, 1e-8)
  })
})

describe("ITM", () => {
  it("refuses a batch of one in a sentence", () => {
    const text = tf.zeros([1, 3, 8])
    const given = { fusedText: text, textOfNegativeImage: text, textOfNegativeText: text }
    assert.throws(
      () => runEagerly([align({ matching: itm() }) as TensorStage], given, { batch: 1, tokens: 3, width: 8 }, key(1)),
      "align: the loss 'itm' takes negatives from the batch, so it needs a batch of 2 or more, but it is 1"
    )
  })

  it("declares the loss of a head that always says the same: no constant does better", () => {
    const [width, tokens] = [8, 2]
    const stage = align({ matching: itm() }) as TensorStage
    const text = tf.zeros([4, tokens, width])
    const given = { fusedText: text, textOfNegativeImage: text, textOfNegativeText: text }
    const lossAt = (match: number): number => {
      const bias = tf.tensor1d([Math.log(1 - match), Math.log(match)])
      const parameters = new Map([
        ["itm_head.weight", tf.zeros([2, width])],
        ["itm_head.bias", bias as tf.Tensor]
      ])
      const { losses } = runEagerly([stage], given, { batch: 4, tokens, width }, key(1), { parameters })
      return losses["itm"]!.dataSync()[0]!
    }
    const guess = stage.guesses!["itm"]!
    assert.closeTo(lossAt(1 / 3), guess, 1e-6)
    for (const match of [0.1, 0.3, 0.37, 0.5, 0.9]) assert.isAbove(lossAt(match), guess)
  })

  it("scores pairs with the same head: the loss's probabilities are the score's", () => {
    const [width, tokens] = [8, 2]
    const text = (phase: number): tf.Tensor => counting([2, tokens, width], (i) => Math.sin(phase + i))
    const given = { fusedText: text(0), textOfNegativeImage: text(1), textOfNegativeText: text(2) }
    const both = align({ matching: itm(), score: true }) as TensorStage
    const { losses, fields } = runEagerly([both], given, { batch: 2, tokens, width }, key(1))
    const scores = (x: tf.Tensor): readonly number[] => {
      const outcome = runEagerly([both], { ...given, fusedText: x }, { batch: 2, tokens, width }, key(1))
      return [...outcome.fields["matchProbability"]!.dataSync()]
    }
    const matches = [...fields["matchProbability"]!.dataSync()].map((p) => -Math.log(p))
    const others = [...scores(text(1)), ...scores(text(2))].map((p) => -Math.log(1 - p))
    const expected = [...matches, ...others].reduce((a, b) => a + b) / 6
    assert.closeTo(losses["itm"]!.dataSync()[0]!, expected, 1e-5)
  })
})
