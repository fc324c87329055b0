import { assert, describe, it } from "@effect/vitest"
import { centreBox, wholeBox } from "../../../../lib/data/resample/box.ts"

describe("centreBox and wholeBox", () => {
  it("are the middle square and all of it", () => {
    assert.deepStrictEqual(centreBox({ width: 10, height: 7 }), { x: 1, y: 0, width: 7, height: 7 })
    assert.deepStrictEqual(centreBox({ width: 3, height: 8 }), { x: 0, y: 2, width: 3, height: 3 })
    assert.deepStrictEqual(wholeBox({ width: 10, height: 7 }), { x: 0, y: 0, width: 10, height: 7 })
  })
})
