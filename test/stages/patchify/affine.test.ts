import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { type Affine, compose, identity, invert, rotate, shearX, shearY, translate } from "../../../stages/patchify/affine.ts"
import { seed } from "../../seed.ts"

const small = fc.double({ min: -3, max: 3, noNaN: true })
const map = fc
  .tuple(small, small, small, small, fc.double({ min: -180, max: 180, noNaN: true }))
  .map(([a, b, c, d, degrees]) => compose(rotate(degrees, 20), compose(translate(a, b), compose(shearX(c), shearY(d / 10)))))
const apply = ([a, b, c, d, e, f]: Affine, x: number, y: number) => [a * x + b * y + c, d * x + e * y + f] as const
const near = (found: readonly number[], expected: readonly number[]) => {
  for (const [i, value] of expected.entries()) assert.closeTo(found[i]!, value, 1e-9)
}

describe("affine maps", () => {
  it("compose as functions do", () => {
    fc.assert(
      fc.property(map, map, small, small, (outer, inner, x, y) => {
        near(apply(compose(outer, inner), x, y), apply(outer, ...apply(inner, x, y)))
      }),
      { seed, numRuns: 200 }
    )
  })

  it("are undone by their inverse", () => {
    fc.assert(
      fc.property(map, (each) => {
        fc.pre(Math.abs(each[0] * each[4] - each[1] * each[3]) > 0.1)
        near(compose(invert(each), each), identity)
      }),
      { seed, numRuns: 200 }
    )
  })

  it("rotate anticlockwise about the middle and shift and shear to the right and down", () => {
    near(apply(rotate(90, 10), 10, 5), [5, 0])
    near(apply(translate(2, 3), 1, 1), [3, 4])
    near(apply(shearX(0.5), 0, 4), [2, 4])
    near(apply(shearY(0.5), 4, 0), [4, 2])
  })
})
