import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import { forward } from "../../../lib/model/forward.ts"
import { type Part, part, stageOf } from "../../../lib/pipeline/part.ts"
import type { TensorStage } from "../../../lib/pipeline/stage.ts"
import { type Fields, states, tensor } from "../../../lib/tensor/field.ts"
import { thrownMessage } from "../../thrown-message.ts"

const x = tensor("float32", "batch", "width")
const y = states("float32", "batch", "width+1")

const stage = (parts: readonly Part[], as = "test"): TensorStage =>
  stageOf({ stage: "test", as, version: 1, settings: null, sizes: {} }, parts) as TensorStage
const adding = (
  reads: Fields,
  adds: Fields,
  make: (context: Parameters<Part["apply"]>[0]) => ReturnType<Part["apply"]>
): Part => ({
  reads,
  adds,
  apply: make
})
const inputs = (fields: { readonly [name: string]: tf.Tensor }) => ({
  fields,
  parameters: () => tf.scalar(2),
  teacher: () => tf.scalar(3),
  noise: {},
  scalars: {},
  state: {},
  sizes: { batch: 2, width: 3 }
})
const two = () => ({ x: tf.ones([2, 3]) })
beforeAll(async () => {
  await tf.setBackend("cpu")
})

describe("forward", () => {
  it("gives a stage its own noise, scalars and state, and puts its name in front of new state", () => {
    const made = stage([
      part({
        reads: { x },
        adds: { z: x },
        noise: { n: { dtype: "float32", dims: ["width"], draw: () => new Float32Array(3) } },
        scalars: { s: () => 1 },
        state: () => ({ c: { dtype: "float32", shape: [], init: () => new Float32Array(1) } }),
        apply: ({ fields, noise, scalars, state }) => ({
          fields: { z: tf.add(fields.x, tf.add(noise["n"]!, scalars["s"]!)) as typeof fields.x },
          losses: { l: tf.scalar(1) },
          metrics: { m: tf.scalar(2) },
          state: { c: { replace: tf.add(state["c"]!, 1) } }
        })
      })
    ])
    const given = {
      ...inputs(two()),
      noise: { "test.n": tf.ones([2, 3]) },
      scalars: { "test.s": tf.scalar(5) },
      state: { "test.c": tf.scalar(7) }
    }
    const outcome = forward([made], given)
    assert.deepEqual([...outcome.fields["z"]!.dataSync()], [7, 7, 7, 7, 7, 7])
    assert.deepEqual(Object.keys(outcome.losses), ["test.l"])
    assert.deepEqual(Object.keys(outcome.metrics), ["test.m"])
    const update = outcome.state["test.c"]!
    assert.deepEqual("replace" in update ? [...update.replace.dataSync()] : [], [8])
    assert.equal(
      thrownMessage(() => forward([made], { ...given, noise: {} })),
      "test: noise 'test.n' is not given"
    )
  })

  it("names the stage and the field of a shape that does not fit", () => {
    const wrong = stage([adding({ x }, { y }, () => ({ fields: { y: tf.ones([2, 3]) as never } }))])
    assert.equal(
      thrownMessage(() => forward([wrong], inputs(two()))),
      "test adds 'y', which should be float32[batch, width+1] (float32[2, 4]), but is float32[2, 3]"
    )
    const fine = stage([adding({ x }, {}, () => ({ fields: {} }))])
    assert.equal(
      thrownMessage(() => forward([fine], inputs({ x: tf.ones([2, 5]) }))),
      "test reads 'x', which should be float32[batch, width] (float32[2, 3]), but is float32[2, 5]"
    )
    assert.equal(
      thrownMessage(() => forward([fine], inputs({ x: tf.ones([2, 3], "int32") }))),
      "test reads 'x', which should be float32[batch, width] (float32[2, 3]), but is int32[2, 3]"
    )
    assert.include(
      thrownMessage(() => forward([fine], inputs({}))),
      "test reads 'x'"
    )
    const forgetful = stage([adding({}, { y }, () => ({ fields: {} }))])
    assert.include(
      thrownMessage(() => forward([forgetful], inputs(two()))),
      "test adds 'y', which should be"
    )
  })

  it("takes a size that only a tensor's shape tells, and holds later fields to it", () => {
    const masked = tensor("int32", "batch", "masked")
    const first = stage([adding({}, { a: masked }, () => ({ fields: { a: tf.zeros([2, 5], "int32") as never } }))], "first")
    const second = stage([adding({}, { b: masked }, () => ({ fields: { b: tf.zeros([2, 4], "int32") as never } }))], "second")
    assert.equal(forward([first], inputs({})).sizes["masked"], 5)
    assert.include(
      thrownMessage(() => forward([first, second], inputs({}))),
      "second adds 'b', which should be int32[batch, masked] (int32[2, 5])"
    )
  })

  it("keeps losses of one name of two stages side by side", () => {
    const losing = adding({}, {}, () => ({ fields: {}, losses: { itc: tf.scalar(1) } }))
    const { losses } = forward([stage([losing], "a"), stage([losing], "b")], inputs({}))
    assert.deepEqual(Object.keys(losses), ["a.itc", "b.itc"])
  })

  it("lets no gradient through the teacher", () => {
    const made = stage([
      adding({}, {}, ({ parameters, teacher }) => ({ fields: {}, losses: { l: tf.mul(parameters("w"), teacher("w")) } }))
    ])
    const gradient = tf.grad((w) => forward([made], { ...inputs({}), parameters: () => w, teacher: () => w }).losses["test.l"]!)(
      tf.scalar(3)
    )
    assert.equal(gradient.dataSync()[0], 3)
  })
})

describe("stageOf", () => {
  it("takes what its parts read and add together, and refuses a field that two of them add", () => {
    const a = part({ reads: { x }, adds: { y }, apply: () => ({ fields: { y: undefined as never } }) })
    const b = part({ reads: { tokens: tensor("int32", "batch") }, adds: {}, apply: () => ({ fields: {} }) })
    const both = stageOf({ stage: "test", as: "test", version: 1, settings: null, sizes: {} }, [a, b])
    const reads: { readonly x: typeof x; readonly tokens: unknown } = both.reads
    assert.deepEqual(Object.keys(reads), ["x", "tokens"])
    assert.deepEqual(both.adds.y, y)
    assert.equal(
      thrownMessage(() => stage([a, a], "twice")),
      "twice: test adds 'y' twice"
    )
  })
})
