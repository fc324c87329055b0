import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import { trainSettings } from "../../../lib/pipeline/training-settings.ts"
import { adamw, adamwScalars, type Moments } from "../../../lib/train/adamw.ts"
import { distance, golden } from "../../stages/golden.ts"

const file = golden("blocks.safetensors")
const settings = trainSettings({ batch: 1, steps: 5, learningRate: 1e-3, weightDecay: 0.02, clip: 3 })

beforeAll(async () => {
  await tf.setBackend("cpu")
})

describe("adamw", () => {
  it("is torch.optim.AdamW after clip_grad_norm_, with decay and without, over five steps", () => {
    const parameters = ["matrix", "vector"] as const
    const state = new Map<string, Moments>(
      parameters.map((name) => {
        const parameter = file.tensor(`adamw/${name}/0`)
        return [name, { parameter, first: tf.zerosLike(parameter), second: tf.zerosLike(parameter) }]
      })
    )
    for (let t = 1; t <= 5; t++) {
      const gradients = parameters.map((name) => file.tensor(`adamw/gradient/${name}/${t}`))
      const norm = tf.sqrt(tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))))
      assert.closeTo(norm.dataSync()[0]!, file.values(`adamw/norm/${t}`)[0]!, 1e-5)
      const clip = tf.minimum(1, tf.div(settings.clip, tf.add(norm, 1e-6)))
      const { decayFactor, stepSize, secondScale } = adamwScalars(t, settings.learningRate, settings)
      const scalars = { decayFactor: tf.scalar(decayFactor), stepSize: tf.scalar(stepSize), secondScale: tf.scalar(secondScale) }
      parameters.forEach((name, i) => {
        const moved = adamw(state.get(name)!, gradients[i]!, scalars, clip, name === "matrix", settings)
        state.set(name, moved)
        for (const [ours, theirs] of [
          [moved.parameter, `adamw/${name}/${t}`],
          [moved.first, `adamw/m/${name}/${t}`],
          [moved.second, `adamw/v/${name}/${t}`]
        ] as const)
          assert.isBelow(distance(ours.dataSync() as Float32Array, file.values(theirs)).relative, 2e-6, theirs)
      })
    }
  })

  it("clips some of the golden steps and not others", () => {
    const norms = [1, 2, 3, 4, 5].map((t) => file.values(`adamw/norm/${t}`)[0]!)
    assert.isAbove(Math.max(...norms), settings.clip)
    assert.isBelow(Math.min(...norms), settings.clip)
  })
})

describe("adamwScalars", () => {
  it("corrects the bias of the moments, which fades", () => {
    const first = adamwScalars(1, 0.1, settings)
    assert.closeTo(first.stepSize, 0.1 / (1 - 0.9), 1e-12)
    assert.closeTo(first.secondScale, 1 / Math.sqrt(1 - 0.999), 1e-9)
    assert.closeTo(first.decayFactor, 1 - 0.1 * 0.02, 1e-15)
    const late = adamwScalars(100_000, 0.1, settings)
    assert.closeTo(late.stepSize, 0.1, 1e-12)
    assert.closeTo(late.secondScale, 1, 1e-12)
  })

  it("leaves everything where it is at a learning rate of 0", () => {
    assert.deepInclude(adamwScalars(3, 0, settings), { decayFactor: 1, stepSize: 0 })
  })
})
