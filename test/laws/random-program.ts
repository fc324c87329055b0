import * as tf from "@tensorflow/tfjs"
import type { Program } from "../../lib/compiler/program.ts"
import { trace } from "../../lib/compiler/trace.ts"
import { detach } from "../../lib/tensor/own.ts"

type Step = (pool: readonly tf.Tensor[], a: number, b: number) => tf.Tensor

const at = (pool: readonly tf.Tensor[], i: number): tf.Tensor => pool[i % pool.length]!
const fits = (a: tf.Tensor, b: tf.Tensor): boolean => {
  const rank = Math.max(a.rank, b.rank)
  return Array.from({ length: rank }, (_, i) => [a.shape[i - rank + a.rank] ?? 1, b.shape[i - rank + b.rank] ?? 1]).every(
    ([x, y]) => x === y || x === 1 || y === 1
  )
}
const two =
  (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Step =>
  (pool, i, j) => {
    const [a, b] = [at(pool, i), at(pool, j)]
    return fits(a, b) ? f(a, b) : f(a, tf.mean(b))
  }
const one =
  (f: (x: tf.Tensor, k: number) => tf.Tensor): Step =>
  (pool, i, k) =>
    f(at(pool, i), k)

/** Tame functions of what is there already; numbers stay within a few orders of magnitude. */
const steps: readonly Step[] = [
  two(tf.add),
  two(tf.sub),
  two((a, b) => tf.mul(tf.tanh(a), tf.tanh(b))),
  two((a, b) => tf.div(a, tf.add(tf.square(b), 1))),
  two((a, b) => tf.where(tf.greater(detach(tf.add(a, tf.zerosLike(b))), 0), tf.add(a, b), tf.sub(a, b))),
  two((a, b) => tf.addN([tf.add(a, b), tf.sub(a, b), tf.add(b, a)])),
  one((x) => tf.neg(x)),
  one((x) => tf.mul(x, 1)),
  one((x) => tf.add(tf.mul(x, 0), 0.5)),
  one((x) => tf.mul(tf.mul(x, 0.5), tf.scalar(-2))),
  one((x) => tf.tanh(x)),
  one((x) => tf.reshape(x, [-1])),
  one((x) => tf.expandDims(x, 0)),
  one((x) => tf.transpose(x)),
  one((x) => tf.transpose(tf.transpose(x))),
  one((x, k) => (x.rank === 0 ? x : tf.sum(x, k % x.rank, k % 2 === 0))),
  one((x, k) => (x.rank === 0 ? x : tf.mean(x, k % x.rank, k % 2 === 0))),
  one((x) => tf.mul(x, tf.ones([2, ...x.shape]))),
  one((x, k) =>
    x.rank === 0 || x.size === 0
      ? x
      : tf.slice(
          x,
          x.shape.map(() => 0),
          x.shape.map((d, i) => (i === k % x.rank && d! > 1 ? d! - 1 : d!))
        )
  ),
  one((x) => (x.rank === 0 ? x : tf.concat([x, tf.neg(x)], 0))),
  one((x) => (x.rank < 2 ? tf.exp(tf.tanh(x)) : tf.matMul(tf.tanh(x), x, true, false))),
  one((x) => (x.rank < 1 ? x : tf.softmax(x)))
]

const small = (x: tf.Tensor): boolean => x.size <= 64 && x.rank <= 4

/** A program that a list of numbers spells: three numbers a step, then results, and gradients if asked for. */
export const randomProgram = (code: readonly number[], gradients: boolean): Program =>
  trace((t) => {
    const inputs = [
      t.input("a", [2, 3], "float32"),
      t.input("b", [3], "float32"),
      t.input("c", [2, 1], "float32"),
      t.input("d", [], "float32")
    ]
    const build = (): tf.Tensor[] => {
      const pool: tf.Tensor[] = [...inputs]
      for (let i = 0; i + 2 < code.length; i += 3) {
        const made = steps[code[i]! % steps.length]!(pool, code[i + 1]!, code[i + 2]!)
        pool.push(small(made) ? made : tf.mean(made))
      }
      return pool.slice(inputs.length)
    }
    if (!gradients)
      return {
        outputs: Object.fromEntries(
          build()
            .slice(-3)
            .map((y, i) => [`y${i}`, y])
        )
      }
    const { value, grads } = tf
      .engine()
      .gradients(() => tf.addN([tf.sum(inputs[0]!), ...build().map((y) => tf.sum(y))]), inputs, undefined as never, true)
    return {
      outputs: { value, ...Object.fromEntries(grads.flatMap((gradient, i) => (gradient ? [[`gradient ${i}`, gradient]] : []))) }
    }
  })
