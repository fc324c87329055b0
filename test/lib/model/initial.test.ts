import { assert, describe, it } from "vitest"
import { initialState } from "../../../lib/model/initial.ts"
import { parameterLayout, setOf } from "../../../lib/model/layout.ts"
import { stateBuffers } from "../../../lib/model/state-buffers.ts"
import { sha256 } from "../../../lib/store/digest.ts"
import { tiny } from "../../../pipelines/tiny.ts"

const layout = parameterLayout(tiny)
const floats = (contents: ReturnType<typeof initialState>, name: string): Float32Array => contents.get(name) as Float32Array
const bytesOf = (numbers: Float32Array | Int32Array): string => sha256(new Uint8Array(numbers.buffer))
const slotOf = (name: string) => layout.slots.find((slot) => slot.name === name)!

describe("initialState", () => {
  const contents = initialState(tiny, layout, 3)

  it("fills every buffer of a run, at its length and type", () => {
    const buffers = stateBuffers(tiny, layout)
    const rings = Object.keys(buffers).filter((name) => buffers[name]!.ring)
    assert.deepEqual([...contents.keys()].sort(), [...Object.keys(buffers), ...rings.map((name) => `${name}.pointer`)].sort())
    for (const [name, { dtype, length }] of Object.entries(buffers)) {
      assert.strictEqual(contents.get(name)!.length, length, name)
      assert.strictEqual(contents.get(name)!.constructor, dtype === "float32" ? Float32Array : Int32Array)
    }
  })

  it("starts the teacher as a copy of the student, and the moments at zero", () => {
    assert.deepEqual(floats(contents, "teacher"), floats(contents, "student").slice(0, setOf(layout, "teacher")!.length))
    assert.isFalse(floats(contents, "teacher").buffer === floats(contents, "student").buffer)
    for (const name of ["adam.m", "adam.v"]) assert.isTrue(floats(contents, name).every((value) => value === 0))
  })

  it("is the same for the same seed, and another for another", () => {
    const again = initialState(tiny, layout, 3)
    for (const [name, numbers] of contents) assert.strictEqual(bytesOf(again.get(name)!), bytesOf(numbers), name)
    const other = initialState(tiny, layout, 4)
    for (const name of ["student", "align.queueImage"])
      assert.notStrictEqual(bytesOf(other.get(name)!), bytesOf(contents.get(name)!), name)
  })

  it("draws a parameter from its name alone: a pipeline with fewer stages has the same weights", () => {
    const fewer = { ...tiny, stages: tiny.stages.filter((stage) => stage.as !== "match"), tasks: [] }
    const smaller = parameterLayout(fewer)
    assert.isBelow(smaller.slots.length, layout.slots.length)
    const student = floats(initialState(fewer, smaller, 3), "student")
    for (const { name, offset, size } of smaller.slots) {
      const slot = slotOf(name)
      assert.deepEqual(
        student.slice(offset, offset + size),
        floats(contents, "student").slice(slot.offset, slot.offset + slot.size),
        name
      )
    }
  })

  it("takes given parameters instead of draws, in the student and the teacher", () => {
    const name = "vit.layernorm.weight"
    const slot = slotOf(name)
    const given = new Float32Array(slot.size).fill(7)
    const started = initialState(tiny, layout, 3, new Map([[name, given]]))
    for (const buffer of ["student", "teacher"])
      assert.deepEqual(floats(started, buffer).slice(slot.offset, slot.offset + slot.size), given)
    const rest = (state: typeof contents) =>
      floats(state, "student").filter((_, i) => i < slot.offset || i >= slot.offset + slot.size)
    assert.deepEqual(rest(started), rest(contents))
  })

  it("marks queues as filled with nobody's group", () => {
    assert.isTrue((contents.get("align.queueGroup") as Int32Array).every((group) => group === -1))
  })
})
