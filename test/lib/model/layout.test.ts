import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { type Layout, parameterLayout, setOf } from "../../../lib/model/layout.ts"
import type { Pipeline } from "../../../lib/pipeline/pipeline.ts"
import type { ParameterSpec, TensorStage } from "../../../lib/pipeline/stage.ts"
import { tiny } from "../../../pipelines/tiny.ts"
import { seed } from "../../seed.ts"
import { toyPipeline } from "../../toy/pipeline.ts"

/** A stage with some parameters, of which the teacher has some. */
const stageWith = (
  as: string,
  parameters: Readonly<Record<string, ParameterSpec>>,
  withTeacher: readonly string[]
): TensorStage => ({
  ...(toyPipeline().stages.find((stage) => stage.kind === "tensor") as TensorStage),
  as,
  stage: as,
  parameters: () => parameters,
  teacherParameters: () => withTeacher
})

const layoutOf = (...stages: readonly TensorStage[]): Layout =>
  parameterLayout({ ...toyPipeline(), stages, score: [] } as Pipeline)

const spec = (shape: readonly number[], more: Partial<ParameterSpec> = {}): ParameterSpec => ({
  shape,
  init: (_, [...dims]) => new Float32Array(dims.reduce((a, b) => a * b, 1)),
  decay: true,
  ...more
})

const lrScales = [undefined, "lrScale", "other"]
const clamps = [undefined, [0.001, 0.5] as const]
const specs = fc.array(
  fc.record({
    shape: fc.oneof(
      { weight: 9, arbitrary: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constant([600, 300]) }
    ),
    decay: fc.boolean(),
    teacher: fc.boolean(),
    lrScale: fc.constantFrom(...lrScales),
    clamp: fc.constantFrom(...clamps)
  }),
  { minLength: 1, maxLength: 25 }
)

type Rows = typeof specs extends fc.Arbitrary<infer T> ? T : never

const layoutFrom = (rows: Rows): Layout => {
  const named = rows.map(({ shape, decay, lrScale, clamp }, i) => {
    const more = { decay, ...(lrScale === undefined ? {} : { lrScale }), ...(clamp === undefined ? {} : { clamp }) }
    return [`p${(i * 7) % 25}.${i}`, spec(shape, more)] as const
  })
  const withTeacher = named.flatMap(([name], i) => (rows[i]!.teacher ? [name] : []))
  return layoutOf(stageWith("s", Object.fromEntries(named), withTeacher))
}

const teacherLength = (layout: Layout): number => setOf(layout, "teacher")?.length ?? 0

const check = (layout: Layout): void => {
  let end = 0
  for (const slot of layout.slots) {
    assert.isAtLeast(slot.offset, end, `${slot.name} overlaps`)
    assert.strictEqual(
      slot.size,
      slot.shape.reduce((a, b) => a * b, 1)
    )
    end = slot.offset + slot.size
  }
  assert.strictEqual(layout.length, end)
  assert.deepEqual(
    layout.buckets.flatMap((bucket) => bucket.slots.map((slot) => slot.name)),
    layout.slots.map((slot) => slot.name)
  )
  for (const bucket of layout.buckets) {
    assert.strictEqual(bucket.offset % 16, 0)
    const [first] = bucket.slots
    let at = bucket.offset
    for (const slot of bucket.slots) {
      assert.strictEqual(slot.offset, at, "no hole inside a bucket")
      at += slot.size
      for (const rule of ["decay", "hasTeacher", "lrScaleInput"] as const) assert.strictEqual(slot[rule], first![rule])
      assert.deepEqual(slot.clamp, first!.clamp)
    }
    assert.strictEqual(bucket.size, at - bucket.offset)
  }
  for (const slot of layout.slots) assert.strictEqual(slot.hasTeacher, slot.offset < teacherLength(layout), `${slot.name}`)
  const withTeacher = layout.slots.filter((slot) => slot.hasTeacher)
  assert.strictEqual(teacherLength(layout), Math.max(0, ...withTeacher.map((slot) => slot.offset + slot.size)))
}

describe("parameterLayout", () => {
  it("gives every parameter a place of its own, in aligned buckets of one rule, the teacher's first", () => {
    fc.assert(
      fc.property(specs, (rows) => {
        const layout = layoutFrom(rows)
        assert.strictEqual(layout.slots.length, rows.length)
        check(layout)
      }),
      { seed, numRuns: 200 }
    )
  })

  it("does not depend on the order in which stages name their parameters", () => {
    const [a, b] = [spec([2, 3]), spec([5])]
    const places = (layout: Layout) => layout.slots.map(({ name, offset }) => [name, offset])
    assert.deepEqual(places(layoutOf(stageWith("s", { a, b }, ["b"]))), places(layoutOf(stageWith("s", { b, a }, ["b"]))))
  })

  it("holds for the parameters of a real pipeline, those that score pairs among them", () => {
    const layout = parameterLayout(tiny)
    check(layout)
    assert.include(
      layout.slots.map(({ name }) => name),
      "itm_head.weight"
    )
    assert.isAbove(teacherLength(layout), 0)
    assert.isBelow(teacherLength(layout), layout.length)
  })

  it("has one place for a parameter of two stages, and refuses it in two shapes, naming both stages", () => {
    const one = layoutOf(stageWith("s", { a: spec([2, 3]) }, []), stageWith("t", { a: spec([2, 3]) }, ["a"]))
    assert.strictEqual(one.slots.length, 1)
    assert.isTrue(one.slots[0]!.hasTeacher)
    assert.throws(
      () => layoutOf(stageWith("s", { a: spec([2, 3]) }, []), stageWith("t", { a: spec([3, 2]) }, [])),
      "layout: t has 'a' as [3, 2], but s has it as [2, 3]"
    )
  })

  it("names the lrScale by its stage", () => {
    const layout = layoutOf(stageWith("head", { a: spec([2], { lrScale: "open" }) }, []))
    assert.strictEqual(layout.slots[0]!.lrScaleInput, "head.open")
  })
})
