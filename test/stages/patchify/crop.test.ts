import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { derive, key } from "../../../lib/random/key.ts"
import { cropDefaults, randomBox } from "../../../stages/patchify/crop.ts"
import { seed } from "../../seed.ts"

const size = fc.record({ width: fc.integer({ min: 1, max: 400 }), height: fc.integer({ min: 1, max: 400 }) })

describe("randomBox", () => {
  it("stays inside every image, whatever its shape", () => {
    fc.assert(
      fc.property(size, fc.nat(), (image, n) => {
        const { x, y, width, height } = randomBox(image, cropDefaults, derive(key(1), n))
        assert.isTrue(x >= 0 && y >= 0 && width >= 1 && height >= 1)
        assert.isTrue(x + width <= image.width && y + height <= image.height)
      }),
      { seed, numRuns: 500 }
    )
  })

  it("keeps half to all of the area at an aspect from 3/4 to 4/3, up to rounding", () => {
    for (let n = 0; n < 500; n++) {
      const { width, height } = randomBox({ width: 300, height: 280 }, cropDefaults, derive(key(2), n))
      const area = (width * height) / (300 * 280)
      assert.isTrue(area > 0.49 && area <= 1.0, `${area}`)
      assert.isTrue(width / height > 0.74 && width / height < 1.35, `${width}/${height}`)
    }
  })

  it("reaches every edge of the image", () => {
    const boxes = Array.from({ length: 3000 }, (_, n) => randomBox({ width: 8, height: 8 }, cropDefaults, derive(key(3), n)))
    assert.isTrue(boxes.some(({ x, width }) => x === 0 && width < 8) && boxes.some(({ x, width }) => x > 0 && x + width === 8))
    assert.isTrue(
      boxes.some(({ y, height }) => y === 0 && height < 8) && boxes.some(({ y, height }) => y > 0 && y + height === 8)
    )
  })

  it("is in the middle where no box of the wanted shape fits", () => {
    assert.deepStrictEqual(randomBox({ width: 1000, height: 10 }, cropDefaults, key(4)), { x: 493, y: 0, width: 13, height: 10 })
  })

  it("is a function of its key", () => {
    const box = () => randomBox({ width: 97, height: 61 }, cropDefaults, key(5))
    assert.deepStrictEqual(box(), box())
    assert.notDeepEqual(box(), randomBox({ width: 97, height: 61 }, cropDefaults, key(6)))
  })
})
