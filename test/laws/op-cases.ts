import * as tf from "@tensorflow/tfjs"
import { bools, type Case, floats, ints, of } from "./case.ts"

const unary: readonly [string, (x: tf.Tensor) => tf.Tensor][] = [
  ["neg", tf.neg],
  ["exp", tf.exp],
  ["log of squares", (x) => tf.log(tf.add(tf.square(x), 0.1))],
  ["sqrt of squares", (x) => tf.sqrt(tf.add(tf.square(x), 0.1))],
  ["rsqrt of squares", (x) => tf.rsqrt(tf.add(tf.square(x), 0.1))],
  ["reciprocal", (x) => tf.reciprocal(tf.add(tf.square(x), 0.1))],
  ["tanh", tf.tanh],
  ["erf", tf.erf],
  ["abs", tf.abs],
  ["sign", tf.sign],
  ["floor", tf.floor],
  ["sigmoid", tf.sigmoid],
  ["clip", (x) => tf.clipByValue(x, -0.5, 1)],
  ["cast to int32", (x) => tf.cast(x, "int32")],
  ["cast to bool", (x) => tf.cast(tf.floor(x), "bool")],
  ["zeros like", (x) => tf.add(tf.zerosLike(x), x)],
  ["ones like", (x) => tf.add(tf.onesLike(x), x)],
  ["identity", (x) => tf.clone(x)],
  ["softmax", (x) => tf.softmax(x)],
  ["log softmax", (x) => tf.logSoftmax(x)],
  ["transpose", (x) => tf.transpose(x)],
  ["transpose of a transpose", (x) => tf.transpose(tf.transpose(x))],
  ["reshape of a reshape", (x) => tf.reshape(tf.reshape(x, [-1]), [...x.shape, 1])],
  ["expand dims", (x) => tf.expandDims(x, 1)],
  [
    "tile",
    (x) =>
      tf.tile(
        x,
        x.shape.map((_, i) => i + 1)
      )
  ],
  [
    "pad",
    (x) =>
      tf.pad(
        x,
        x.shape.map((_, i): [number, number] => [i, 1]),
        3
      )
  ],
  [
    "slice of a slice",
    (x) =>
      tf.slice(
        tf.slice(
          x,
          x.shape.map(() => 0),
          x.shape.map((d) => d - 1)
        ),
        x.shape.map(() => 1)
      )
  ],
  ["split", (x) => tf.add(...(tf.split(tf.concat([x, tf.exp(x)], 0), 2, 0) as [tf.Tensor, tf.Tensor]))],
  ["uneven split", (x) => tf.split(x, [1, x.shape.at(-1)! - 1], -1)[1]!],
  ["concat", (x) => tf.concat([x, tf.neg(x), x], -1)],
  ["stack", (x) => tf.stack([x, tf.neg(x)], 1)],
  ["pow", (x) => tf.pow(tf.abs(x), tf.scalar(1.5))],
  ["add n", (x) => tf.addN([x, tf.neg(x), tf.square(x), x])],
  ["arithmetic of constants", (x) => tf.mul(tf.add(tf.mul(tf.mul(x, 2), 3), tf.add(tf.zeros(x.shape), 1)), tf.ones(x.shape))]
]
const binary: readonly [string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor][] = [
  ["add", tf.add],
  ["sub", tf.sub],
  ["mul", tf.mul],
  ["div", (a, b) => tf.div(a, tf.add(tf.square(b), 0.5))],
  ["maximum", tf.maximum],
  ["minimum", tf.minimum],
  ["mod", (a, b) => tf.mod(a, tf.add(tf.abs(b), 0.5))],
  ["mod of negatives", (a, b) => tf.mod(a, tf.sub(-0.5, tf.abs(b)))],
  ["floor div", (a, b) => tf.floorDiv(a, tf.add(tf.abs(b), 0.5))],
  ["squared difference", tf.squaredDifference],
  ["select", (a, b) => tf.where(tf.greater(a, b), tf.add(a, tf.zerosLike(b)), tf.add(b, tf.zerosLike(a)))],
  [
    "comparisons",
    (a, b) =>
      tf.addN(
        [tf.equal, tf.notEqual, tf.less, tf.lessEqual, tf.greater, tf.greaterEqual].map((f, i) =>
          tf.mul(tf.cast(f(tf.floor(a), tf.floor(b)), "float32"), 2 ** i)
        )
      )
  ]
]
const reductions: readonly [string, (x: tf.Tensor, axis: number[] | undefined, keep: boolean) => tf.Tensor][] = [
  ["sum", tf.sum],
  ["mean", tf.mean],
  ["max", tf.max],
  ["min", tf.min]
]
const shapes = [[6], [2, 3], [4, 3, 2]]
const pairs = [
  [
    [2, 3],
    [2, 3]
  ],
  [[2, 3], [3]],
  [
    [2, 1, 3],
    [4, 1]
  ],
  [[], [2, 2]]
] as const

/** Every op of the IR that stages may write, with several shapes. */
export const opCases: readonly Case[] = [
  ...unary.flatMap(([name, f]) =>
    shapes.map((shape) => of(`${name} of [${shape}]`, (t) => ({ outputs: { y: f(floats(t, "x", ...shape)) } })))
  ),
  ...binary.flatMap(([name, f]) =>
    pairs.map(([a, b]) =>
      of(`${name} of [${a}] and [${b}]`, (t) => ({ outputs: { y: f(floats(t, "a", ...a), floats(t, "b", ...b)) } }))
    )
  ),
  ...reductions.flatMap(([name, f]) =>
    [undefined, [0], [-1], [0, 2]].flatMap((axis) =>
      [true, false].map((keep) =>
        of(`${name} over ${axis ?? "all"}${keep ? ", kept" : ""}`, (t) => ({
          outputs: { y: f(floats(t, "x", 2, 3, 4), axis, keep) }
        }))
      )
    )
  ),
  of("integers", (t) => {
    const [a, b] = [ints(t, "a", 7), tf.add(ints(t, "b", 7), tf.scalar(1, "int32"))]
    const low = tf.sub(a, tf.scalar(3, "int32"))
    return {
      outputs: {
        add: tf.add(a, b),
        mod: tf.mod(low, b),
        floorDiv: tf.floorDiv(low, b),
        abs: tf.abs(low),
        sum: tf.sum(low),
        max: tf.max(low),
        float: tf.cast(low, "float32"),
        addN: tf.addN([a, b, a]),
        less: tf.less(a, b),
        where: tf.where(tf.equal(a, b), a, low)
      }
    }
  }),
  of("bools", (t) => {
    const [a, b] = [bools(t, "a", 3, 4), bools(t, "b", 4)]
    return {
      outputs: {
        and: tf.logicalAnd(a, b),
        or: tf.logicalOr(a, b),
        not: tf.logicalNot(a),
        count: tf.sum(a, 1),
        float: tf.mul(tf.cast(a, "float32"), tf.cast(b, "float32")),
        reshaped: tf.reshape(a, [12]),
        where: tf.where(a, tf.logicalNot(a), a)
      }
    }
  }),
  of("arg max", (t) => ({ outputs: { rows: tf.argMax(floats(t, "x", 3, 5), -1), columns: tf.argMax(floats(t, "y", 3, 5), 0) } })),
  of("top k", (t) => {
    const { values, indices } = tf.topk(floats(t, "x", 3, 9), 4)
    return { outputs: { values, indices } }
  }),
  of("top k of equal numbers", (t) => ({ outputs: { indices: tf.topk(tf.cast(ints(t, "x", 2, 12), "float32"), 12).indices } })),
  // kernels choose among several algorithms by the length and k: equal numbers come in the order of their places in each
  ...[1, 2, 8, 100, 128, 255, 256].map((k) =>
    of(`top ${k} of 256 equal numbers`, (t) => ({
      outputs: { indices: tf.topk(tf.cast(ints(t, "x", 4, 256), "float32"), k).indices }
    }))
  ),
  of("arg max of equal numbers", (t) => ({
    outputs: {
      rows: tf.argMax(tf.cast(ints(t, "x", 4, 300), "float32"), -1),
      columns: tf.argMax(tf.cast(ints(t, "y", 300, 4), "float32"), 0)
    }
  })),
  of("one hot", (t) => ({
    outputs: {
      float: tf.oneHot(ints(t, "x", 2, 3) as tf.Tensor1D, 4, 1, 0, "float32"),
      int: tf.oneHot(ints(t, "y", 5) as tf.Tensor1D, 6, 3, -1)
    }
  })),
  of("gather", (t) => {
    const x = floats(t, "x", 6, 4)
    return {
      outputs: {
        rows: tf.gather(x, ints(t, "i", 2, 3)),
        columns: tf.gather(x, tf.minimum(ints(t, "j", 5), tf.scalar(3, "int32")), 1)
      }
    }
  }),
  of("segment sums", (t) => ({ outputs: { y: tf.unsortedSegmentSum(floats(t, "x", 9, 4), ints(t, "i", 9) as tf.Tensor1D, 6) } })),
  of("range and fill", (t) => ({ outputs: { y: tf.add(tf.add(tf.range(0, 5), tf.fill([5], 2)), floats(t, "x", 5)) } })),
  ...[
    [false, false],
    [true, false],
    [false, true],
    [true, true]
  ].flatMap(([a, b]) => [
    of(`matrix product, transposed ${a} and ${b}`, (t) => ({
      outputs: { y: tf.matMul(floats(t, "a", ...(a ? [4, 3] : [3, 4])), floats(t, "b", ...(b ? [5, 4] : [4, 5])), a, b) }
    })),
    of(`stacked matrix products of transposes, transposed ${a} and ${b}`, (t) => {
      const x = tf.transpose(floats(t, "a", 2, 3, ...(a ? [3, 4] : [4, 3])), [0, 1, 3, 2])
      const y = tf.transpose(floats(t, "b", 2, 3, ...(b ? [4, 5] : [5, 4])), [0, 1, 3, 2])
      return { outputs: { y: tf.matMul(x, y, a, b) } }
    })
  ]),
  of("results that are inputs and constants", (t) => {
    const x = floats(t, "x", 2)
    return { outputs: { x, again: tf.reshape(x, [2, 1]), constant: tf.fill([3], 7), sum: tf.add(x, 1), twice: tf.add(x, 1) } }
  })
]
