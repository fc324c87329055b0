import { Schema } from "effect"
import { assert, describe, it } from "vitest"
import { type Bound, checkSettings, fraction, type Known, SettingsError, setting } from "../../../lib/pipeline/settings.ts"

const Guided = Schema.TaggedStruct("guided", {
  ratio: setting(fraction, 0.5),
  space: setting(Schema.Struct({ width: Schema.Int }).annotate({ identifier: "space" }), { width: 3 })
})
const Plain = Schema.TaggedStruct("plain", { ratio: fraction })
const Settings = Schema.Struct({
  image: Schema.optionalKey(Schema.Union([Guided, Plain])),
  weights: setting(Schema.Record(Schema.String, Schema.Finite), {})
})

const problem = (value: unknown): string => {
  try {
    checkSettings("mask", Settings, value)
  } catch (error) {
    assert.instanceOf(error, SettingsError)
    return (error as SettingsError).message
  }
  return ""
}

describe("checkSettings", () => {
  it("fills in defaults", () => {
    const image = { _tag: "guided", ratio: 0.5, space: { width: 3 } }
    assert.deepEqual(checkSettings("mask", Settings, { image: { _tag: "guided" } }), { image, weights: {} } as never)
    assert.deepEqual(checkSettings("mask", Settings, {}), { weights: {} })
  })

  it("names a setting that does not exist, a strategy going by its tag", () => {
    assert.equal(problem({ imge: 1 }), "mask has no setting 'imge'")
    assert.equal(problem({ image: { _tag: "guided", ration: 0.5 } }), "guided has no setting 'ration'")
    assert.equal(problem({ image: { _tag: "guided", space: { widht: 1 } } }), "space has no setting 'widht'")
    assert.equal(problem(JSON.parse('{"__proto__": 1}')), "mask has no setting '__proto__'")
  })

  it("names a strategy that does not exist", () => {
    assert.equal(problem({ image: { _tag: "guide" } }), "mask.image is one of guided, plain, not 'guide'")
    assert.equal(problem({ image: { ratio: 1 } }), "mask.image is one of guided, plain, not 'undefined'")
  })

  it("says where a value is wrong, in one line", () => {
    assert.equal(problem({ image: { _tag: "plain", ratio: 2 } }), 'mask: Expected a value between 0 and 1 at ["image"]["ratio"]')
    assert.equal(problem(3), "mask: Expected object")
    assert.notInclude(problem({ image: { _tag: "plain" } }), "\n")
  })

  it("leaves the keys of a record free", () => {
    assert.deepEqual(checkSettings("mask", Settings, { weights: { anything: 2 } }), { weights: { anything: 2 } })
  })
})

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
const holds = <T extends true>(value: T): T => value

describe("Known", () => {
  it("is the settings where all names are known, and a sentence where one is not", () => {
    interface Given {
      readonly ratio?: number
    }
    const guided = <const S extends Bound<Given>>(settings: Known<"guided", Given, S>): S => settings as S
    holds<Same<ReturnType<typeof guided<{ readonly ratio: 1 }>>, { readonly ratio: 1 }>>(true)
    const literal = guided({ ratio: 1 })
    holds<Same<typeof literal, { readonly ratio: 1 }>>(true)
    // @ts-expect-error a ratio is a number
    guided({ ratio: "x" })
    holds<Same<Known<"guided", Given, { readonly ratio: 1 }>, { readonly ratio: 1 }>>(true)
    holds<Same<Known<"guided", Given, { readonly ration: 1 }>, "guided has no setting 'ration'">>(true)
  })
})
