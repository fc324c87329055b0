import * as tf from "@tensorflow/tfjs"
import { assert, beforeAll, describe, it } from "vitest"
import { key } from "../../../lib/random/key.ts"
import { mask, random } from "../../../stages/mask/index.ts"
import { pixel, reconstruct } from "../../../stages/reconstruct/index.ts"
import { counting, runEagerly } from "../eager.ts"

const sizes = { batch: 2, patches: 6, pixels: 12, width: 8 }
const patches = counting([2, 6, 12], (i) => Math.sin(i * 1.7))
const target = reconstruct({ image: pixel({ decoder: { width: 8, heads: 2, layers: 1 } }) })

/** The loss at a ratio of hidden patches, for states of [CLS] and visible patches. */
const lossAt = (ratio: number, seen: number, given = patches): number => {
  const hidden = runEagerly([mask({ image: random({ ratio }) })], { patches }, sizes, key(4)).fields
  const states = counting([2, seen + 1, 8], (i) => Math.cos(i))
  const { maskedPatches, visiblePatches } = hidden as Readonly<Record<string, tf.Tensor>>
  const fields = { patches: given, maskedPatches: maskedPatches!, visiblePatches: visiblePatches!, fusedVisibleImage: states }
  return runEagerly([target], fields, sizes, key(5)).losses["mim"]!.dataSync()[0]!
}

describe("pixels of hidden patches", () => {
  beforeAll(async () => {
    await tf.setBackend("cpu")
  })

  it("are a target whatever the patches' brightness and contrast: normalised per patch", () => {
    const brighter = tf.add(tf.mul(patches, 3), 5)
    assert.closeTo(lossAt(0.5, 3, brighter), lossAt(0.5, 3), 1e-4)
    assert.isAbove(lossAt(0.5, 3), 0.1)
  })

  it("cost nothing where no patch is hidden, and are numbers where none of a patch's pixels differ", () => {
    assert.equal(lossAt(0, 6), 0)
    assert.isTrue(Number.isFinite(lossAt(0.5, 3, tf.zeros([2, 6, 12]))))
  })

  it("are made from visible patches alone, which mask lists in place with the hidden ones left out", () => {
    const { fields } = runEagerly([mask({ image: random({ ratio: 0.5 }) })], { patches }, sizes, key(4))
    const rows = (name: string): readonly number[][] => fields[name]!.arraySync() as number[][]
    rows("visiblePatches").forEach((seen, b) => {
      assert.deepEqual(
        seen,
        [...seen].sort((x, y) => x - y)
      )
      assert.sameMembers([...seen, ...rows("maskedPatches")[b]!], [0, 1, 2, 3, 4, 5])
    })
  })
})
