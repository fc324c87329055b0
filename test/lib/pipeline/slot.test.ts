import * as tf from "@tensorflow/tfjs"
import { assert, describe, it } from "vitest"
import { part, prefixed } from "../../../lib/pipeline/part.ts"
import { count, setting } from "../../../lib/pipeline/settings.ts"
import { flag, oneOf, slotStage } from "../../../lib/pipeline/slot.ts"
import type { ParameterSpec } from "../../../lib/pipeline/stage.ts"
import { strategy } from "../../../lib/pipeline/strategy.ts"
import { tensor } from "../../../lib/tensor/field.ts"
import { named } from "../../../lib/tensor/tensor.ts"
import { thrownMessage } from "../../thrown-message.ts"

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
const holds = <T extends true>(value: T): T => value

const weight: ParameterSpec = { shape: [], init: () => Float32Array.of(2), decay: false }
const rows = tensor("float32", "batch")
const doubled = part({
  reads: { x: rows },
  adds: { doubled: rows },
  parameters: () => ({ weight }),
  apply: ({ fields, parameters }) => ({ fields: { doubled: named(tf.mul(fields.x, parameters("weight")), "batch") } })
})
const repeat = strategy("repeat", { times: setting(count, 3) }, ({ times }) =>
  part({
    reads: { x: rows },
    adds: { repeated: rows },
    apply: ({ fields }) => ({ fields: { repeated: named(tf.mul(fields.x, times), "batch") } })
  })
)
const copy = strategy("copy", {}, () =>
  part({ reads: { y: rows }, adds: { copied: rows }, apply: ({ fields }) => ({ fields: { copied: fields.y } }) })
)
const { stage: transform, definition } = slotStage("transform", 1, { by: oneOf(repeat, copy), twice: flag(() => doubled) })

describe("a stage of slots", () => {
  it("reads and adds what the strategies in its slots do, in types and at run time", () => {
    const one = transform({ by: copy() })
    holds<Same<keyof typeof one.reads, "y">>(true)
    const both = transform({ twice: true, by: repeat() }, "both")
    holds<Same<keyof typeof both.adds, "repeated" | "doubled">>(true)
    assert.deepEqual(Object.keys(both.adds), ["repeated", "doubled"]) // in the order of the slots
    assert.deepEqual(both.settings, { twice: true, by: { _tag: "repeat", times: 3 } })
    assert.equal(both.as, "both")
  })

  it("is made from data by its definition, with defaults", () => {
    const made = definition.make({ by: { _tag: "repeat" } })
    assert.deepEqual(made.settings, { by: { _tag: "repeat", times: 3 } })
    assert.equal(made.as, "transform")
  })

  it("names a slot, a strategy or a setting that is not there", () => {
    const slot = () => {
      // @ts-expect-error transform has no setting 'how'
      transform({ how: copy() })
    }
    assert.equal(thrownMessage(slot), "transform has no setting 'how'")
    assert.equal(
      thrownMessage(() => definition.make({ by: { _tag: "cut" } })),
      "transform.by is one of repeat, copy, not 'cut'"
    )
    const times = () => {
      // @ts-expect-error repeat has no setting 'time'
      repeat({ time: 2 })
    }
    assert.equal(thrownMessage(times), "repeat has no setting 'time'")
  })
})

describe("another model's part", () => {
  it("has the same parameters under a prefix", () => {
    const other = prefixed("second.", doubled)
    assert.deepEqual(Object.keys(other.parameters!({})), ["second.weight"])
    const asked: string[] = []
    const parameters = (name: string) => {
      asked.push(name)
      return tf.scalar(2)
    }
    other.apply({ fields: { x: named(tf.tensor1d([1]), "batch") }, parameters, teacher: parameters } as never)
    assert.deepEqual(asked, ["second.weight"])
    assert.strictEqual(prefixed("", doubled), doubled)
  })
})
