import { assert, describe, it } from "@effect/vitest"
import { derive, key } from "../../../lib/random/key.ts"
import { compose, rotate, shearX } from "../../../stages/patchify/affine.ts"
import { augment, drawOperations, operationNames, randAugmentDefaults } from "../../../stages/patchify/rand-augment.ts"
import { warp } from "../../../stages/patchify/warp.ts"
import { noise } from "./noise.ts"

const size = 24
const { data } = noise(size, size)
const draws = (settings: Partial<typeof randAugmentDefaults>, n: number) =>
  Array.from({ length: n }, (_, i) => drawOperations({ ...randAugmentDefaults, ...settings }, derive(key(1), i)))

describe("RandAugment", () => {
  it("has ALBEF's ten operations", () => {
    assert.deepStrictEqual(operationNames, [
      ...["identity", "autoContrast", "equalize", "brightness", "sharpness"],
      ...["shearX", "shearY", "translateX", "translateY", "rotate"]
    ])
  })

  it("draws each operation, each direction and being done as often as it should", () => {
    const drawn = draws({}, 4000)
    const all = drawn.flat()
    assert.closeTo(all.length / 8000, 0.5, 0.03)
    assert.closeTo(all.filter(({ sign }) => sign === 1).length / all.length, 0.5, 0.04)
    for (const name of operationNames)
      assert.closeTo(all.filter((each) => each.name === name).length / all.length, 0.1, 0.03, name)
  })

  it("draws none at probability 0, all at 1, and only what is listed", () => {
    assert.isTrue(draws({ probability: 0 }, 20).every((drawn) => drawn.length === 0))
    assert.isTrue(draws({ probability: 1, count: 3 }, 20).every((drawn) => drawn.length === 3))
    assert.isTrue(
      draws({ operations: ["rotate"], probability: 1 }, 20).every((drawn) => drawn.every(({ name }) => name === "rotate"))
    )
    assert.deepStrictEqual(draws({ operations: [] }, 1), [[]])
  })

  it("never writes to the image it is given", () => {
    const before = data.slice()
    for (const name of operationNames) augment(data, size, [{ name, sign: -1 }], randAugmentDefaults)
    assert.deepStrictEqual(data, before)
  })

  it("changes the image with every operation but identity", () => {
    for (const name of operationNames) {
      const made = augment(data, size, [{ name, sign: 1 }], randAugmentDefaults)
      assert.strictEqual(Buffer.compare(made, data) === 0, name === "identity", name)
    }
  })

  it("makes one map of moves that follow each other", () => {
    const made = augment(
      data,
      size,
      [
        { name: "shearX", sign: 1 },
        { name: "identity", sign: 1 },
        { name: "rotate", sign: -1 }
      ],
      { ...randAugmentDefaults, magnitude: 5, fill: [1, 2, 3] }
    )
    assert.deepStrictEqual(made, warp(data, size, compose(rotate(-15, size), shearX(0.15)), [1, 2, 3]))
  })

  it("does other operations in their order, between moves", () => {
    const one = (name: (typeof operationNames)[number], from: Uint8Array) =>
      augment(from, size, [{ name, sign: 1 }], randAugmentDefaults)
    const names = ["equalize", "rotate", "autoContrast", "translateX", "sharpness", "brightness"] as const
    const stepwise = names.reduce((from, name) => one(name, from), data)
    assert.deepStrictEqual(
      augment(
        data,
        size,
        names.map((name) => ({ name, sign: 1 })),
        randAugmentDefaults
      ),
      stepwise
    )
  })
})
