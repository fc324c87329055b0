import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import { trace } from "../../../lib/compiler/trace.ts"
import { convolution, convolutionSpecs, transposedConvolution, transposedConvolutionSpecs } from "../../../lib/nn/convolution.ts"
import { filled } from "../../../lib/nn/parameter.ts"
import type { ParameterSpecs } from "../../../lib/pipeline/stage.ts"
import { conv2d } from "../../../lib/tensor/convolution.ts"
import { named, type Tensor } from "../../../lib/tensor/tensor.ts"

beforeAll(async () => {
  await tf.setBackend("cpu")
})

const size = { kernel: 4, inChannels: 3, outChannels: 2 }
const specs: ParameterSpecs = {
  ...convolutionSpecs("down", size, filled(1)),
  ...transposedConvolutionSpecs("up", { kernel: 4, inChannels: 2, outChannels: 3 }, filled(1))
}
const parameters = (name: string) => tf.fill([...specs[name]!.shape], name.endsWith("bias") ? 0.5 : 1)
const images = named(tf.ones([1, 8, 6, 3]), "batch", "rows", "columns", "channels")

describe("convolutions", () => {
  it("to half the size and back: sizes, names, and sums with a bias", () => {
    const halved = { stride: 2, padding: 1, out: ["rows/2", "columns/2"] } as const
    const small: Tensor<readonly ["batch", "rows/2", "columns/2", "features"]> = convolution(
      parameters,
      "down",
      images,
      "features",
      halved
    )
    assert.deepEqual(small.shape, [1, 4, 3, 2])
    // inside the image all 4 · 4 · 3 numbers of the filter are on it, and at its corner 3 · 3 · 3
    assert.deepEqual([...tf.slice(small as tf.Tensor, [0, 1, 1, 0], [1, 1, 1, 1]).dataSync()], [48.5])
    assert.deepEqual([...tf.slice(small as tf.Tensor, [0, 0, 0, 0], [1, 1, 1, 1]).dataSync()], [27.5])
    const again = { stride: 2, padding: 1, out: ["rows", "columns"] } as const
    const large: Tensor<readonly ["batch", "rows", "columns", "channels"]> = transposedConvolution(
      parameters,
      "up",
      small,
      "channels",
      [8, 6],
      again
    )
    assert.deepEqual(large.shape, images.shape)
  })

  it("'same' keeps the size where the stride is 1, and is the size over the stride, rounded up, elsewhere", () => {
    const filter = named(tf.ones([3, 2, 3, 2]), "rows", "columns", "channels", "features")
    assert.deepEqual(conv2d(images, filter, { padding: "same" }).shape, [1, 8, 6, 2])
    assert.deepEqual(conv2d(images, filter, { padding: "same", stride: [3, 4] }).shape, [1, 3, 2, 2])
    assert.deepEqual(conv2d(images, filter).shape, [1, 6, 5, 2])
  })

  const traced = (f: (x: tf.Tensor, w: tf.Tensor) => tf.Tensor) => () =>
    trace((t) => ({ outputs: { y: f(t.input("x", [1, 4, 4, 3], "float32"), t.input("w", [5, 5, 3, 2], "float32")) } }))

  it("that do not fit are refused with the shapes, and so are dilations", () => {
    assert.throws(
      traced((x, w) => conv2d(x as never, w as never)),
      "a convolution of [1,4,4,3] by [5,5,3,2] (padding 0,0,0,0,0,0,0,0): it takes [batch, rows, columns, in] by [rows, columns, in, out], a filter no larger than the padded image"
    )
    assert.throws(
      traced((x, w) => tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, "same", "NHWC", 2)),
      "a convolution with dilations 2: there are none"
    )
  })
})
