import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { Effect } from "effect"
import * as fc from "fast-check"
import { trace } from "../../lib/compiler/trace.ts"
import type { Engine, EngineOptions, NamedNumbers } from "../../lib/engine/engine.ts"
import { type ConvolutionOptions, conv2d, conv2dTranspose } from "../../lib/tensor/convolution.ts"
import { seed } from "../seed.ts"
import { feedsOf } from "./case.ts"
import { difference } from "./close.ts"

type Two = readonly [rows: number, columns: number]

/** One convolution: sizes of image and filter, stride, and padding before and after rows and columns. */
interface Convolution {
  readonly batch: number
  readonly size: Two
  readonly kernel: Two
  readonly channels: Two
  readonly stride: Two
  readonly padding: "same" | "valid" | readonly [Two, Two]
}

/** Padding before and after an axis, by the definition of each kind: "same" makes ⌈size / stride⌉ places. */
const around = ({ size, kernel, stride, padding }: Convolution, axis: 0 | 1): Two => {
  if (padding === "valid") return [0, 0]
  if (padding !== "same") return padding[axis]
  const needed = (Math.ceil(size[axis] / stride[axis]) - 1) * stride[axis] + kernel[axis] - size[axis]
  const before = Math.floor(Math.max(0, needed) / 2)
  return [before, Math.max(0, needed) - before]
}

const places = (one: Convolution, axis: 0 | 1): number => {
  const [before, after] = around(one, axis)
  let count = 0
  while (count * one.stride[axis] + one.kernel[axis] <= one.size[axis] + before + after) count++
  return count
}

/** Calls back for every pair of a number of the image and one of the result that some number of the filter joins: their indices. */
const eachProduct = (one: Convolution, visit: (x: number, w: number, y: number) => void): void => {
  const [rows, columns] = [places(one, 0), places(one, 1)]
  const [from, to] = one.channels
  for (let n = 0; n < one.batch; n++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++)
        for (let i = 0; i < one.kernel[0]; i++)
          for (let j = 0; j < one.kernel[1]; j++) {
            const row = r * one.stride[0] + i - around(one, 0)[0]
            const column = c * one.stride[1] + j - around(one, 1)[0]
            if (row < 0 || row >= one.size[0] || column < 0 || column >= one.size[1]) continue
            for (let a = 0; a < from; a++)
              for (let b = 0; b < to; b++)
                visit(
                  ((n * one.size[0] + row) * one.size[1] + column) * from + a,
                  ((i * one.kernel[1] + j) * from + a) * to + b,
                  ((n * rows + r) * columns + c) * to + b
                )
          }
}

/** Sums that define a convolution, its transpose and their gradients. */
const naive = (one: Convolution, { x, filter, y, dx }: NamedNumbers): NamedNumbers => {
  const sum = (length: number, add: (into: Float64Array, x: number, w: number, y: number) => void): Float32Array => {
    const into = new Float64Array(length)
    eachProduct(one, (i, w, o) => add(into, i, w, o))
    return Float32Array.from(into)
  }
  const spread = sum(x!.length, (into, i, w, o) => (into[i]! += y![o]! * filter![w]!))
  return {
    made: sum(y!.length, (into, i, w, o) => (into[o]! += x![i]! * filter![w]!)),
    ofX: spread,
    ofFilter: sum(filter!.length, (into, i, w, o) => (into[w]! += x![i]! * y![o]!)),
    transposed: spread,
    ofY: sum(y!.length, (into, i, w, o) => (into[o]! += dx![i]! * filter![w]!)),
    ofTransposedFilter: sum(filter!.length, (into, i, w, o) => (into[w]! += dx![i]! * y![o]!))
  }
}

const programOf = (one: Convolution) =>
  trace((t) => {
    const options: ConvolutionOptions = { stride: one.stride, padding: one.padding }
    const image = [one.batch, ...one.size, one.channels[0]]
    const input = (name: string, shape: readonly number[]) => t.input(name, shape, "float32")
    const [x, filter] = [input("x", image), input("filter", [...one.kernel, ...one.channels])]
    const y = input("y", [one.batch, places(one, 0), places(one, 1), one.channels[1]])
    const dx = input("dx", image)
    const gradients = (f: () => tf.Tensor, by: tf.Tensor[], weights: tf.Tensor) =>
      tf.engine().gradients(() => tf.sum(tf.mul(f(), weights)), by).grads
    const forward = () => conv2d(x as never, filter as never, options) as tf.Tensor
    const back = () => conv2dTranspose(y as never, filter as never, one.size, options) as tf.Tensor
    const [ofX, ofFilter] = gradients(forward, [x, filter], y)
    const [ofY, ofTransposedFilter] = gradients(back, [y, filter], dx)
    const outputs = { made: forward(), ofX, ofFilter, transposed: back(), ofY, ofTransposedFilter }
    return { outputs: outputs as Record<string, tf.Tensor> }
  })

const upTo = (max: number, min = 1) => fc.integer({ min, max })
const two = (each: fc.Arbitrary<number>): fc.Arbitrary<Two> => fc.tuple(each, each)
const convolutions: fc.Arbitrary<Convolution> = fc
  .record({
    batch: upTo(2),
    size: two(upTo(8)),
    kernel: two(upTo(4)),
    channels: two(upTo(3)),
    stride: two(upTo(3)),
    padding: fc.oneof(fc.constantFrom("same" as const, "valid" as const), fc.tuple(two(upTo(3, 0)), two(upTo(3, 0))))
  })
  .filter((one) => places(one, 0) > 0 && places(one, 1) > 0)

/** That an engine's convolutions, transposed ones, and the gradients of both, are the sums that define them, of any size, stride and padding. */
export const convolutionLaws = (engine: Engine, options: EngineOptions = { threads: 1 }, numRuns = 60): void => {
  describe(`engine ${engine.name}: convolutions`, () => {
    it.live("of any size, stride and padding, their transposes and all gradients are the sums that define them", () =>
      Effect.scoped(
        Effect.flatMap(engine.open({}, options), (session) =>
          Effect.promise(() =>
            fc.assert(
              fc.asyncProperty(convolutions, async (one) => {
                const program = programOf(one)
                const feeds = feedsOf(program)
                const run = Effect.flatMap(session.compile("convolution", program), (executable) => executable.run(feeds))
                assert.isUndefined(difference(await Effect.runPromise(run), naive(one, feeds), 2e-5))
              }),
              { seed, numRuns }
            )
          )
        )
      )
    )
  })
}
