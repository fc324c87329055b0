import fc from "fast-check"
import { expect, test } from "vitest"
import { groupsOf } from "../../../../lib/engine/tensorflow/groups.ts"

const lengths = fc.dictionary(fc.string({ minLength: 1 }), fc.nat(100), { maxKeys: 20 })
const buffersOf = (given: { readonly [name: string]: number }) =>
  Object.fromEntries(Object.entries(given).map(([name, length]) => [name, { length }]))

test("every buffer is in one group, and a group with more than one is within the limit", () => {
  fc.assert(
    fc.property(lengths, fc.nat(200), (given, limit) => {
      const groups = groupsOf(buffersOf(given), limit)
      expect(groups.flat().sort()).toEqual(Object.keys(given).sort())
      for (const group of groups) {
        expect(group.length).toBeGreaterThan(0)
        if (group.length > 1) expect(group.reduce((sum, name) => sum + given[name]!, 0)).toBeLessThanOrEqual(limit)
      }
    })
  )
})

test("small buffers go together, and each large one alone", () => {
  const buffers = buffersOf({ teacher: 90, pointer: 1, parameters: 90, scale: 2 })
  expect(groupsOf(buffers, 100)).toEqual([["pointer", "scale", "teacher"], ["parameters"]])
  expect(groupsOf(buffers, 50)).toEqual([["pointer", "scale"], ["teacher"], ["parameters"]])
})
