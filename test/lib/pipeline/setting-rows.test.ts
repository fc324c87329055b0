import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { toData } from "../../../lib/pipeline/pipeline.ts"
import { settingRows } from "../../../lib/pipeline/setting-rows.ts"
import { expectation } from "../../../lib/pipeline/setting-shape.ts"
import { toyPipeline, toyTables } from "../../toy/pipeline.ts"

const rows = settingRows(toData(toyPipeline()), toyTables)
const row = (path: string) => rows.find((each) => each.path === path)

describe("settingRows", () => {
  it("lists path, type, range, default and value of every setting, each once", () => {
    assert.deepStrictEqual(row("training.batch"), {
      path: "training.batch",
      type: "whole number",
      range: "≥ 1",
      default: undefined,
      value: 4
    })
    assert.deepStrictEqual(row("training.beta2"), {
      path: "training.beta2",
      type: "number",
      range: "0 to 1",
      default: 0.999,
      value: 0.999
    })
    assert.deepStrictEqual(row("weigh.scales.depth"), {
      path: "weigh.scales.depth",
      type: "whole number",
      range: "≥ 1",
      default: 1,
      value: 1
    })
    assert.strictEqual(new Set(rows.map(({ path }) => path)).size, rows.length)
    assert.isDefined(row("teacher.weigh.other"))
    assert.isUndefined(row("teacher.weigh.scales.depth"))
  })

  it("lists settings that are absent, and none that a path cannot reach", () => {
    assert.deepStrictEqual(row("weigh.other"), {
      path: "weigh.other",
      type: "text or null",
      range: "",
      default: undefined,
      value: undefined
    })
    assert.isUndefined(row("weigh"))
    assert.isUndefined(row("weigh.scales"))
  })
})

describe("expectation", () => {
  it("says types and ranges in words", () => {
    const words = (schema: Schema.Codec<unknown, unknown>) => expectation(schema.ast)
    assert.strictEqual(words(Schema.Literals(["a", "b"])), '"a" or "b"')
    assert.strictEqual(words(Schema.NullOr(Schema.Boolean)), "true or false or null")
    assert.strictEqual(words(Schema.Finite.check(Schema.isGreaterThan(0))), "number > 0")
    assert.strictEqual(words(Schema.Array(Schema.Int)), "list of whole number")
    assert.strictEqual(words(Schema.NonEmptyArray(Schema.String)), "list of text")
    assert.strictEqual(words(Schema.Tuple([Schema.Finite, Schema.String])), "[number, text]")
    assert.strictEqual(words(Schema.TaggedStruct("x", {})), 'object tagged "x"')
  })
})
