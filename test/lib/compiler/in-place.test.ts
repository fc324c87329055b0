import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs"
import { updatesInPlace } from "../../../lib/compiler/in-place.ts"
import { noFacts, overwriteCandidates, overwritesState } from "../../../lib/compiler/onnx/overwriting.ts"
import { type Traced, type Tracer, trace } from "../../../lib/compiler/trace.ts"

const overwrites = overwritesState({ overwritable: overwriteCandidates, inOrder: true })
const inPlace = (body: (t: Tracer) => Traced, over = overwrites): readonly number[] => [...updatesInPlace(trace(body), over)]
const window = (t: Tracer, name: string, offset: number, ...shape: number[]): tf.Tensor =>
  t.input(name, shape, "float32", { buffer: "b", offset })
const replace = (offset: number, tensor: tf.Tensor) => ({ kind: "replace", buffer: "b", offset, tensor }) as const

describe("updates in place", () => {
  it("are those that the last reader writes, number by number", () => {
    const made = inPlace((t) => {
      const a = window(t, "a", 0, 4)
      return { outputs: {}, updates: [replace(0, tf.add(tf.mul(a, 2), a))] }
    })
    assert.deepEqual(made, [0])
  })
  it("are not those whose old numbers another node may read later", () => {
    const made = inPlace((t) => {
      const a = window(t, "a", 0, 4)
      return { outputs: { late: tf.exp(a) }, updates: [replace(0, tf.mul(a, 2))] }
    })
    assert.deepEqual(made, [])
  })
  it("may be read before, on the way to the new numbers", () => {
    const made = inPlace((t) => {
      const a = window(t, "a", 0, 4)
      return { outputs: {}, updates: [replace(0, tf.mul(a, tf.sum(tf.exp(a))))] }
    })
    assert.deepEqual(made, [0])
  })
  it("are not those that overlap a window which is read later", () => {
    const made = inPlace((t) => {
      const [a, other] = [window(t, "a", 0, 4), window(t, "other", 3, 4)]
      return { outputs: { late: tf.exp(other) }, updates: [replace(0, tf.mul(a, 2))] }
    })
    assert.deepEqual(made, [])
  })
  it("may lie beside a window which is read later", () => {
    const made = inPlace((t) => {
      const [a, other] = [window(t, "a", 0, 4), window(t, "other", 4, 4)]
      return { outputs: { late: tf.exp(other) }, updates: [replace(0, tf.mul(a, 2))] }
    })
    assert.deepEqual(made, [0])
  })
  it("are not those whose old numbers leave the program, or are read in another shape later", () => {
    const leaves = inPlace((t) => {
      const a = window(t, "a", 0, 4)
      return { outputs: { a }, updates: [replace(0, tf.mul(a, 2))] }
    })
    const reshaped = inPlace((t) => {
      const a = window(t, "a", 0, 4)
      return { outputs: { late: tf.exp(tf.reshape(a, [2, 2])) }, updates: [replace(0, tf.mul(a, 2))] }
    })
    assert.deepEqual([leaves, reshaped], [[], []])
  })
  it("are not those whose writer reads numbers elsewhere than it writes", () => {
    const reversed = inPlace((t) => ({
      outputs: {},
      updates: [replace(0, tf.matMul(window(t, "a", 0, 2, 2), window(t, "a again", 0, 2, 2)) as tf.Tensor)]
    }))
    const shifted = inPlace((t) => ({ outputs: {}, updates: [replace(1, tf.mul(window(t, "a", 0, 4), 2))] }))
    const broadcast = inPlace((t) => ({ outputs: {}, updates: [replace(0, tf.add(window(t, "a", 0, 2), tf.zeros([2, 2])))] }))
    assert.deepEqual([reversed, shifted, broadcast], [[], [], []])
  })
  it("are those of each bucket of a step whose norm reads all gradients", () => {
    const made = inPlace((t) => {
      const [a, b] = [window(t, "a", 0, 3), window(t, "b", 3, 3)]
      const all = window(t, "all", 0, 6)
      const x = t.input("x", [3], "float32")
      const [da, db] = [tf.mul(a, x), tf.mul(tf.add(b, a), x)]
      const norm = tf.add(tf.sum(tf.square(da)), tf.sum(tf.square(db)))
      const moved = tf.sub(all, tf.mul(tf.concat([da, db]), norm))
      return { outputs: { norm }, updates: [replace(0, moved)] }
    })
    assert.deepEqual(made, [0])
  })
  it("are not those of kernels that were not seen to stand it, nor of other numbers than were tried", () => {
    const doubled = (dtype: "float32" | "int32") => (t: Tracer) => {
      const a = t.input("a", [4], dtype, { buffer: "b", offset: 0 })
      return { outputs: {}, updates: [replace(0, tf.mul(a, a))] }
    }
    const partly = overwritesState({ overwritable: { ...overwriteCandidates, Mul: [0] }, inOrder: true })
    const made = [
      inPlace(doubled("float32")),
      inPlace(doubled("float32"), partly),
      inPlace(doubled("float32"), overwritesState(noFacts)),
      inPlace(doubled("int32"))
    ]
    assert.deepEqual(made, [[0], [], [], []])
  })
})
