import fc from "fast-check"
import { assert, describe, it } from "vitest"
import { type Layout, parameterLayout, setOf } from "../../../lib/model/layout.ts"
import type { Pipeline } from "../../../lib/pipeline/pipeline.ts"
import type { ParameterSpec, Sizes, TensorStage } from "../../../lib/pipeline/stage.ts"
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

  it("refuses a parameter that two stages specify otherwise in whatever it is, naming both and what", () => {
    const one = spec([2, 3])
    const cases: readonly (readonly [Partial<ParameterSpec>, string])[] = [
      [{ decay: false }, "layout: t has 'a' without weight decay, but s has it with weight decay"],
      [{ lrScale: "open" }, "layout: t has 'a' with the lrScale 'open', but s has it without lrScale"],
      [{ clamp: [0, 1] }, "layout: t has 'a' within [0, 1], but s has it without bounds"],
      [
        { init: (_, [...dims]) => new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(2) },
        "layout: t has 'a' starting with 2 at 0, but s has it starting with 0 at 0"
      ]
    ]
    for (const [more, message] of cases)
      assert.throws(() => layoutOf(stageWith("s", { a: one }, []), stageWith("t", { a: { ...one, ...more } }, [])), message)
    // The same numbers by another function are the same.
    layoutOf(stageWith("s", { a: one }, []), stageWith("t", { a: { ...one, init: spec([1]).init } }, []))
  })

  it("takes a stage's own sizes before the pipeline's", () => {
    const sized = (as: string, sizes: Sizes): TensorStage => ({
      ...stageWith(as, {}, []),
      sizes,
      parameters: ({ width, letters }) => ({ [`${as}.w`]: spec([width!, letters!]) })
    })
    const stages = [sized("s", { width: 5 }), sized("t", { width: 3 })]
    const { slots } = parameterLayout({ ...toyPipeline(), stages, score: [], sizes: { width: 5, letters: 6 } })
    assert.deepStrictEqual(
      slots.map(({ name, shape }) => [name, shape]),
      [
        ["s.w", [5, 6]],
        ["t.w", [3, 6]]
      ]
    )
  })

  it("has frozen sets apart: parameters of one name are others in each set, and one set has one origin", () => {
    const a = spec([2, 3])
    const froze = (as: string, frozen: string, from: string): TensorStage => ({
      ...stageWith(as, { a: { ...a, shape: [4] } }, []),
      weights: { frozen, from, digest: null }
    })
    const layout = layoutOf(stageWith("s", { a }, ["a"]), froze("z.s", "z", "there"), froze("y.s", "y", "here"))
    assert.deepStrictEqual(
      layout.sets.map(({ name, buffer, role, slots, length, file }) => [name, buffer, role, slots.length, length, file]),
      [
        ["student", "student", "optimised", 1, 6, "model.safetensors"],
        ["teacher", "teacher", "averaged", 1, 6, "teacher.safetensors"],
        ["y", "frozen.y", "fixed", 1, 4, undefined],
        ["z", "frozen.z", "fixed", 1, 4, undefined]
      ]
    )
    assert.throws(
      () => layoutOf(froze("z.s", "z", "there"), froze("z.t", "z", "here")),
      "toy: z.t has the frozen set 'z' from here, but z.s has it from there"
    )
  })

  it("names the lrScale by its stage", () => {
    const layout = layoutOf(stageWith("head", { a: spec([2], { lrScale: "open" }) }, []))
    assert.strictEqual(layout.slots[0]!.lrScaleInput, "head.open")
  })
})
