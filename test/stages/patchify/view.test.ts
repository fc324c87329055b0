import { hash } from "node:crypto"
import { assert, describe, it } from "@effect/vitest"
import { wholeBox } from "../../../lib/data/resample/box.ts"
import { resample } from "../../../lib/data/resample/resample.ts"
import { derive, key, key as keyOf } from "../../../lib/random/key.ts"
import { cropDefaults } from "../../../stages/patchify/crop.ts"
import { bytePatches, halves, imagePatches, normalisationTable, normalisedPatches } from "../../../stages/patchify/patches.ts"
import { randAugmentDefaults } from "../../../stages/patchify/rand-augment.ts"
import { drawView, drawViews, type ViewSettings } from "../../../stages/patchify/view.ts"
import { noise } from "./noise.ts"

const settings = {
  size: 16,
  patch: 4,
  interpolation: "bicubic",
  normalisation: halves,
  crop: cropDefaults,
  flip: 0.5,
  augment: randAugmentDefaults,
  still: "whole"
} as const satisfies ViewSettings
const image = noise(31, 22)
const digest = (views: readonly Float32Array[]) =>
  hash("sha256", Buffer.concat(views.map((view) => Buffer.from(view.buffer)))).slice(0, 16)

describe("drawView", () => {
  it("gives the same bytes as ever: raise the stage's version where this golden digest has to change", () => {
    const keys = Array.from({ length: 40 }, (_, i) => derive(key(7), i))
    assert.strictEqual(digest(keys.map((each) => drawView(image, each, settings, true))), "ff06fedc31257660")
    assert.strictEqual(digest([drawView(image, null, settings, true)]), "d890e8760a84e694")
  })

  it("shows the whole image, or its middle, where nothing is random", () => {
    const whole = resample(image, wholeBox(image), { width: 16, height: 16 })
    assert.deepStrictEqual(drawView(image, null, settings, true), normalisedPatches(whole, 16, 4, halves))
    const middle = resample(image, { x: 4, y: 0, width: 22, height: 22 }, { width: 16, height: 16 })
    assert.deepStrictEqual(
      drawView(image, null, { ...settings, still: "centre" }, true),
      normalisedPatches(middle, 16, 4, halves)
    )
  })

  it("mirrors about half of the images, and none whose caption names a side", () => {
    const plain = { ...settings, crop: null, augment: null }
    const straight = digest([drawView(image, null, plain, true)])
    const kept = (mirrorable: boolean) =>
      Array.from({ length: 200 }, (_, i) => drawView(image, derive(key(1), i), plain, mirrorable)).filter(
        (view) => digest([view]) === straight
      ).length
    assert.closeTo(kept(true), 100, 25)
    assert.strictEqual(kept(false), 200)
  })

  it("takes images of any shape, down to one pixel", () => {
    for (const [width, height] of [
      [1, 1],
      [200, 1],
      [1, 50],
      [16, 16]
    ] as const) {
      const view = drawView(noise(width, height), key(3), settings, true)
      assert.strictEqual(view.length, 16 * 16 * 3)
      assert.isTrue(view.every((value) => value >= -1 && value <= 1))
    }
  })

  it("fills with the colour of the settings", () => {
    const white = { width: 20, height: 20, data: new Uint8Array(20 * 20 * 3).fill(255) }
    const moves = { ...randAugmentDefaults, operations: ["rotate"] as const, probability: 1, fill: [255, 255, 255] as const }
    const view = drawView(white, key(1), { ...settings, augment: moves }, true)
    assert.isTrue(imagePatches(view, 16, 4, halves).every((value) => value === 255))
  })
})

describe("drawView without normalisation", () => {
  it("gives the bytes that are else normalised", () => {
    const table = normalisationTable(halves)
    for (const key of [null, ...Array.from({ length: 6 }, (_, i) => derive(keyOf(4), i))])
      for (const augment of [null, randAugmentDefaults]) {
        const bytes = drawView(image, key, { ...settings, augment, normalisation: null }, true)
        const floats = drawView(image, key, { ...settings, augment }, true)
        assert.deepStrictEqual(
          Float32Array.from(bytes, (byte, i) => table[(i % 3) * 256 + byte]!),
          floats
        )
      }
    const still = noise(16, 16)
    assert.deepStrictEqual(drawView(still, null, { ...settings, normalisation: null }, true), bytePatches(still.data, 16, 4))
  })
})

describe("drawViews", () => {
  it("gives views that differ, each by its own key, so that more views leave the first ones as they are", () => {
    const two = drawViews(image, key(2), settings, true, 2)
    const three = drawViews(image, key(2), settings, true, 3)
    assert.deepStrictEqual(three.slice(0, 2), two)
    assert.notStrictEqual(digest([two[0]!]), digest([two[1]!]))
  })

  it("gives the still view as often as wanted without a key", () => {
    const still = drawView(image, null, settings, true)
    assert.deepStrictEqual(drawViews(image, null, settings, true, 2), [still, still])
  })
})
